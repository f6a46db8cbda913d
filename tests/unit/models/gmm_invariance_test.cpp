#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/init/assignments.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"

using namespace jensen;

namespace {

const Communicator kSerial;
const char* const kFamilies[] = {"VVV", "EEE", "VVI", "VII", "EII"};

/// A fit of 12 steps from fixed labels, and what it says of its records.
struct Fitted {
  test::MixtureFit fit;
  Transform transform;
  Matrix responsibilities;
  RowMatrix means;                  // in the data's units
  std::vector<Matrix> covariances;  // in the data's units
};
Fitted run(const char* family, const RowMatrix& rows, const std::vector<Index>& labels,
           std::span<const double> weights = {}) {
  const test::Problem problem(rows, kSerial, weights);
  const Index k = 1 + *std::max_element(labels.begin(), labels.end());
  auto fit = test::fit_from_labels(problem, kSerial, labels,
                                   {.family = &mixture::find_family(family, rows.cols()), .components = k},
                                   {.max_iterations = 12});
  const DenseShard shard = problem.in(fit.model.family().scaling);
  const Transform& transform = shard.transform();
  Matrix r;
  Eigen::ArrayXd log_density;
  fit.model.responsibilities(*test::WholeBlock(shard), r, log_density);
  std::vector<Matrix> covariances;
  for (Index c = 0; c < fit.model.covariances().count(); ++c) {
    covariances.push_back(transform.scale.cwiseInverse().asDiagonal() * fit.model.covariances().dense(c) *
                          transform.scale.cwiseInverse().asDiagonal());
  }
  RowMatrix means = transform.to_original(fit.model.means());
  return {std::move(fit), transform, r, means, covariances};
}

RowMatrix some_records() {
  const RowMatrix rows = test::draw({Eigen::Vector3d(.4, .4, .2),
                                     2 * test::normal_records(3, 3, 1),
                                     {test::random_covariance(3, 10, 2), test::random_covariance(3, 10, 3),
                                      test::random_covariance(3, 10, 4)}},
                                    240, 5)
                             .records;
  return (0x1p20 * rows).array().round() / 0x1p20;  // room for exact shifts
}

}  // namespace

TEST_CASE("Scaling one feature by a power of two changes no bit where the family allows it") {
  const auto family = GENERATE(as<const char*>(), "VVV", "EEE", "VVI");
  const double factor = GENERATE(0x1p-40, 0.5, 2.0, 0x1p10);
  INFO(family << ", factor " << factor);
  RowMatrix rows = some_records();
  const std::vector<Index> labels = test::random_labels(240, 3, 6);
  const Fitted plain = run(family, rows, labels);
  rows.col(1) *= factor;
  const Fitted scaled = run(family, rows, labels);
  CHECK(scaled.responsibilities == plain.responsibilities);
  CHECK(scaled.fit.result.progress.objectives == plain.fit.result.progress.objectives);
  CHECK(scaled.means.col(1) == plain.means.col(1) * factor);
  CHECK(scaled.covariances[0](1, 1) == plain.covariances[0](1, 1) * factor * factor);
  CHECK(scaled.fit.log_likelihoods.back() ==
        Approx(plain.fit.log_likelihoods.back() - 240 * std::log(factor)).epsilon(1e-13));
}

TEST_CASE("Scaling all features by one power of two changes no bit for any family") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const double factor = GENERATE(0x1p-40, 0.5, 2.0, 0x1p10);
  INFO(family << ", factor " << factor);
  const RowMatrix rows = some_records();
  const std::vector<Index> labels = test::random_labels(240, 3, 6);
  const Fitted plain = run(family, rows, labels);
  const Fitted scaled = run(family, rows * factor, labels);
  CHECK(scaled.responsibilities == plain.responsibilities);
  CHECK(scaled.fit.result.progress.objectives == plain.fit.result.progress.objectives);
  CHECK(scaled.means == plain.means * factor);
}

TEST_CASE("A shift of the data shifts the means and nothing else") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const double shift = GENERATE(-3.0, 1e6);
  INFO(family << ", shift " << shift);
  const RowMatrix rows = some_records();
  const std::vector<Index> labels = test::random_labels(240, 3, 6);
  const Fitted plain = run(family, rows, labels);
  const Fitted shifted = run(family, rows.array() + shift, labels);
  const double digits = shift == 1e6 ? 1e-8 : 1e-12;
  CHECK((shifted.responsibilities - plain.responsibilities).cwiseAbs().maxCoeff() < digits);
  CHECK((shifted.means.array() - shift - plain.means.array()).abs().maxCoeff() < digits);
  for (std::size_t c = 0; c < plain.covariances.size(); ++c) {
    CHECK((shifted.covariances[c] - plain.covariances[c]).cwiseAbs().maxCoeff() < digits);
  }
  CHECK(shifted.fit.log_likelihoods.back() == Approx(plain.fit.log_likelihoods.back()).epsilon(digits));
}

TEST_CASE("Scaled and unscaled runs agree: internal coordinates are no part of the model") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  INFO(family);
  const std::vector<Index> labels = test::random_labels(240, 3, 6);
  const test::Problem problem(some_records(), kSerial);
  const Fitted expected = run(family, some_records(), labels);
  const DenseShard& shard = problem.shard;  // the data as they are
  gmm::GaussianMixture model({.family = &mixture::find_family(family, 3), .components = 3}, problem.summary,
                             shard.transform(), 1);
  start_from_responsibilities(model, shard, kSerial, [&](const DenseBlock& block, Index, Matrix& r) {
    for (Index n = 0; n < block.rows(); ++n)
      r(n, labels[static_cast<std::size_t>(block.first_record + n)]) = 1;
  });
  const FitResult result = fit(model, shard, kSerial, {.stopping = {.max_iterations = 12}});
  CHECK(result.progress.objective() == Approx(expected.fit.log_likelihoods.back()).epsilon(1e-11));
  CHECK((model.means() - expected.means).cwiseAbs().maxCoeff() < 1e-10);
}

TEST_CASE("Weight 2 is a duplicated record") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  INFO(family);
  const RowMatrix rows = some_records();
  std::vector<Index> labels = test::random_labels(240, 3, 6), all_labels = labels;
  std::vector<double> weights(240, 1.0);
  RowMatrix expanded(300, 3);
  expanded.topRows(240) = rows;
  for (Index n = 0; n < 60; ++n) {
    const auto twice = static_cast<std::size_t>(4 * n + 1);
    weights[twice] = 2;
    expanded.row(240 + n) = rows.row(4 * n + 1);
    all_labels.push_back(labels[twice]);
  }
  const Fitted weighted = run(family, rows, labels, weights), duplicated = run(family, expanded, all_labels);
  CHECK((weighted.responsibilities - duplicated.responsibilities.topRows(240)).cwiseAbs().maxCoeff() < 1e-12);
  CHECK((weighted.means - duplicated.means).cwiseAbs().maxCoeff() < 1e-12);
  CHECK(weighted.fit.log_likelihoods.back() == Approx(duplicated.fit.log_likelihoods.back()).epsilon(1e-12));
  CHECK((weighted.covariances[0] - duplicated.covariances[0]).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("Permuted labels give permuted components") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  INFO(family);
  std::vector<Index> labels = test::random_labels(240, 3, 6);
  const Fitted plain = run(family, some_records(), labels);
  const Index to[] = {2, 0, 1};
  for (Index& label : labels) label = to[label];
  const Fitted permuted = run(family, some_records(), labels);
  for (Index k = 0; k < 3; ++k) {
    CHECK(permuted.fit.model.weights()[to[k]] == Approx(plain.fit.model.weights()[k]).epsilon(1e-12));
    CHECK((permuted.means.row(to[k]) - plain.means.row(k)).cwiseAbs().maxCoeff() < 1e-12);
    CHECK((permuted.responsibilities.col(to[k]) - plain.responsibilities.col(k)).cwiseAbs().maxCoeff() <
          1e-12);
  }
}
