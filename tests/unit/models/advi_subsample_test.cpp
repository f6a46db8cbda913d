#include "jensen/models/advi/subsample.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/models/advi/density.hpp"
#include "jensen/models/advi/points_pass.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/samples.hpp"

using namespace jensen;
using advi::Subsample;

namespace {

const Communicator kSerial;
constexpr Index kRecords = 1000;

std::shared_ptr<const advi::Target> regression() {
  return std::make_shared<advi::Regression>(
      advi::RegressionSettings{.groups = 4, .prior_scales = Vector::Ones(2)}, 2);
}

/// Of some records of `rows`, with weights, responses and groups that follow from their numbers.
ResponseShard records(const std::function<bool(Index)>& chosen) {
  const RowMatrix rows = test::normal_records(kRecords, 2, 3);
  RowMatrix kept(kRecords, 2);
  std::vector<double> weights, responses;
  std::vector<Index> groups;
  Index count = 0;
  for (Index n = 0; n < kRecords; ++n) {
    if (!chosen(n)) continue;
    kept.row(count++) = rows.row(n);
    weights.push_back(static_cast<double>(n % 3));
    responses.push_back(std::sin(static_cast<double>(n)));
    groups.push_back(n % 4);
  }
  return ResponseShard(make_serial_shard(kept.topRows(count), weights), responses, groups);
}

}  // namespace

TEST_CASE("a part of the records is a random one, nested in larger ones, and 1 is all", "[advi]") {
  const Subsample quarter(regression(), 0.25, 3), half(regression(), 0.5, 3), whole(regression(), 1, 3),
      none(regression(), 0, 3), other(regression(), 0.5, 4);
  double count = 0, both = 0;
  for (Index n = 0; n < 4000; ++n) {
    CHECK((!quarter.contains(n) || half.contains(n)));
    CHECK((whole.contains(n) && !none.contains(n)));
    count += half.contains(n) ? 1 : 0;
    both += half.contains(n) && other.contains(n) ? 1 : 0;
  }
  CHECK(std::abs(count - 2000) < 4 * std::sqrt(1000.0));
  CHECK(std::abs(both - 1000) < 4 * std::sqrt(750.0));
}

TEST_CASE("a part of the records says what these say alone", "[advi]") {
  const auto target = regression();
  const Matrix theta = constrained(*target, Vector::LinSpaced(unconstrained_size(*target), -0.5, 0.5));
  const ResponseShard all = records([](Index) { return true; });
  for (const double share : {0.0, 0.01, 0.4, 1.0}) {
    const Subsample part(target, share, 7);
    const auto found = log_likelihood_gradients(part, theta, all, kSerial);
    const auto expected =
        log_likelihood_gradients(*target, theta, records([&](Index n) { return part.contains(n); }), kSerial);
    CHECK(found.values[0] == Approx(expected.values[0]).epsilon(1e-12));
    CHECK((found.gradients - expected.gradients).cwiseAbs().maxCoeff() <= 1e-10);
    CHECK((share > 0) == (found.values[0] != 0));
  }
}
