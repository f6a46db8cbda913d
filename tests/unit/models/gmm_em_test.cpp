#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <string>

#include "jensen/models/mixture/evaluation.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"

using namespace jensen;

namespace {

const Communicator kSerial;
const char* const kFamilies[] = {"VVV", "EEE", "VVI", "VII", "EII"};

/// Three overlapping components of different size, shape and weight.
test::Sample overlapping(Index records, Index features, std::uint64_t seed) {
  test::TrueMixture truth{Eigen::Vector3d(.5, .3, .2), 2 * test::normal_records(3, features, seed), {}};
  for (std::uint64_t k = 0; k < 3; ++k) {
    truth.covariances.push_back(std::pow(4.0, static_cast<double>(k) - 1) *
                                test::random_covariance(features, 20, seed + 10 + k));
  }
  return test::draw(truth, records, seed);
}

gmm::Settings settings(const char* family, Index features, Index components, double floor) {
  return {
      .family = &mixture::find_family(family, features), .components = components, .covariance_floor = floor};
}

}  // namespace

TEST_CASE("EM never lowers the likelihood, with or without an active floor") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const double floor = GENERATE(0.0, 1e-6, 1e-2, 0.1, 0.5);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    INFO(family << ", floor " << floor << ", seed " << seed);
    const Index features = 1 + static_cast<Index>(seed) % 5;
    const test::Sample sample = overlapping(300, features, seed);
    const test::Problem problem(sample.records, kSerial);
    const Index components = floor > 0 ? 4 : 2;  // four may collapse, which without a floor is an error
    const auto fit =
        test::fit_from_labels(problem, kSerial, test::random_labels(300, components, seed),
                              settings(family, features, components, floor), {.max_iterations = 150});
    CHECK(fit.result.progress.falls == 0);
    CHECK(fit.result.progress.repairs.empty());
    CHECK(fit.result.progress.objectives.back() > fit.result.progress.objectives.front());
    CHECK(fit.model.weights().sum() == Approx(1).epsilon(1e-14));
    CHECK(test::pass(fit.model, problem.in(fit.model.family().scaling)).objective() ==
          fit.result.progress.objective());
  }
}

TEST_CASE("Equal weights stay equal, and EM ascends under them") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const test::Sample sample = overlapping(300, 3, 21);
  gmm::Settings equal = settings(family, 3, 3, 0);
  equal.equal_weights = true;
  const auto fit = test::fit_from_labels({sample.records, kSerial}, kSerial, test::random_labels(300, 3, 22),
                                         equal, {.max_iterations = 100});
  CHECK(fit.result.progress.falls == 0);
  CHECK((fit.model.weights().array() == 1.0 / 3).all());
  CHECK(fit.model.free_parameters() == 9 + fit.model.family().covariance_parameters(3, 3));
}

TEST_CASE("One component has the closed form: sample mean, covariance and log-likelihood") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const Index d = GENERATE(1, 4);
  const double offset = GENERATE(0.0, 1e6);
  INFO(family << ", D = " << d << ", offset " << offset);
  const RowMatrix centred_rows = test::normal_records(120, d, 31) * test::random_covariance(d, 5, 32);
  const RowMatrix rows = (centred_rows.array() + offset).matrix();
  const test::Problem problem(rows, kSerial);
  const auto fit = test::fit_from_labels(problem, kSerial, test::labels_in_turn(120, 1),
                                         settings(family, d, 1, 0), {.max_iterations = 3});
  const RowVector mean = rows.colwise().mean();
  const RowMatrix z = rows.rowwise() - mean;
  const Matrix s = z.transpose() * z / 120;
  Matrix sigma = s;
  const auto form = fit.model.family().form();
  if (form == mixture::Quadratic::squares) sigma = s.diagonal().asDiagonal();
  if (form == mixture::Quadratic::norm) sigma = s.trace() / static_cast<double>(d) * Matrix::Identity(d, d);
  const double log_determinant = std::log(sigma.determinant());
  const double expected = -60 * (static_cast<double>(d) * std::log(2 * std::numbers::pi) + log_determinant +
                                 (sigma.inverse() * s).trace());
  const Transform transform = problem.in(fit.model.family().scaling).transform();
  const Matrix fitted = transform.scale.cwiseInverse().asDiagonal() * fit.model.covariances().dense(0) *
                        transform.scale.cwiseInverse().asDiagonal();
  const double digits = offset == 0 ? 1e-13 : 1e-9;
  CHECK((transform.to_original(fit.model.means()) - mean).cwiseAbs().maxCoeff() < digits);
  CHECK((fitted - sigma).cwiseAbs().maxCoeff() < digits);
  for (const double value : fit.log_likelihoods) CHECK(value == Approx(expected).epsilon(digits));
  CHECK(fit.model.weights()[0] == 1);
}

TEST_CASE("Few records: as many as components need, and one fewer than that is singular") {
  RowMatrix rows(6, 1);
  rows << 0, 1, 0.5, 10, 11, 10.25;
  const std::vector<Index> labels = {0, 0, 0, 1, 1, 1};
  const auto fit = test::fit_from_labels({rows, kSerial}, kSerial, labels, settings("VVV", 1, 2, 1e-6),
                                         {.max_iterations = 100, .relative_gain = 1e-13});
  CHECK_FALSE(fit.model.singular());
  CHECK(fit.model.weights()[0] == Approx(0.5).epsilon(1e-12));
  const std::vector<Index> alone = {0, 0, 0, 0, 0, 1};  // one record for a component: it must not be wider
  const auto single = test::fit_from_labels({rows, kSerial}, kSerial, alone, settings("VVV", 1, 2, 1e-6),
                                            {.max_iterations = 0});
  CHECK(single.model.singular());
}

TEST_CASE("After an E-step the log-likelihood is the ELBO: expected log joint plus entropy") {
  const test::Sample sample = overlapping(300, 2, 41);
  const test::Problem problem(sample.records, kSerial);
  const auto fit =
      test::fit_from_labels(problem, kSerial, sample.labels, settings("VVV", 2, 3, 0), {.max_iterations = 3});
  const DenseShard shard = problem.in(Scaling::per_feature);
  const auto parts = mixture::evaluate(fit.model, shard, kSerial);
  const test::WholeBlock block(shard);
  const Matrix joint = fit.model.log_joint(*block);
  Matrix r;
  Eigen::ArrayXd log_density;
  fit.model.responsibilities(*block, r, log_density);
  const double expected = (r.array() * joint.array()).sum();
  CHECK(parts.log_likelihood == Approx(fit.result.progress.objective()).epsilon(1e-14));
  CHECK(parts.expected_log_joint() == Approx(expected).epsilon(1e-12));
  CHECK(parts.entropy > 0);
  CHECK(parts.log_max_responsibility < 0);
  CHECK(parts.log_max_responsibility == Approx(r.rowwise().maxCoeff().array().log().sum()).epsilon(1e-12));
  CHECK((parts.sizes - r.colwise().sum().transpose()).cwiseAbs().maxCoeff() < 1e-11);
  CHECK(parts.uncertain_weight == static_cast<double>((r.rowwise().maxCoeff().array() < 0.8).count()));
}

TEST_CASE("EM ascends for narrow components far apart, and their covariances keep their digits") {
  const auto family = GENERATE(from_range(std::begin(kFamilies), std::end(kFamilies)));
  const double distance = GENERATE(1e3, 1e6);  // in sds
  INFO(family << ", distance " << distance);
  test::TrueMixture truth{Eigen::Vector2d(.5, .5), RowMatrix::Zero(2, 3), {}};
  truth.means.row(1).setConstant(distance);
  truth.covariances.assign(2, Matrix::Identity(3, 3));
  const test::Sample sample = test::draw(truth, 400, 51);
  std::vector<Index> labels = sample.labels;
  labels[0] = 1 - labels[0];  // something to do
  const test::Problem problem(sample.records, kSerial);
  const auto fit =
      test::fit_from_labels(problem, kSerial, labels, settings(family, 3, 2, 0), {.max_iterations = 30});
  CHECK(fit.result.progress.falls == 0);
  RowMatrix own(400, 3);  // records of component 0
  Index count = 0;
  for (Index n = 0; n < 400; ++n) {
    if (sample.labels[static_cast<std::size_t>(n)] == 0) own.row(count++) = sample.records.row(n);
  }
  own.conservativeResize(count, 3);
  const RowVector mean = own.colwise().mean();
  const Vector variances =
      (own.rowwise() - mean).colwise().squaredNorm().transpose() / static_cast<double>(count);
  const Transform transform = problem.in(fit.model.family().scaling).transform();
  const Vector fitted = fit.model.covariances().variances(0).cwiseQuotient(transform.scale.cwiseAbs2());
  if (family == std::string("VVV") || family == std::string("VVI")) {
    CHECK((fitted - variances).cwiseAbs().maxCoeff() < 1e-9);
  }
}
