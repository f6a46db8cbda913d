#include <catch2/catch.hpp>

#include "jensen/models/advi/dependence.hpp"
#include "jensen/models/advi/points_pass.hpp"
#include "jensen/models/advi/separation.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "support/bit_collector.hpp"
#include "support/data.hpp"
#include "support/samples.hpp"
#include "support/world.hpp"

using namespace jensen;

namespace {

constexpr Index kFeatures = 3;

/// This rank's part of records in three classes, of which the features tell `margin` apart.
ResponseShard sharded(const RowMatrix& rows, double margin, const Communicator& comm) {
  const DenseShard features = test::sharded(rows, comm, 8);
  std::vector<double> responses;
  for (Index n = 0; n < features.partition().own_records(); ++n) {
    const Index record = features.partition().first_record() + n;
    const double eta = margin * rows(record, 0) + static_cast<double>(record % 3) * (1 - margin);
    responses.push_back(eta < 0 ? 0 : eta < 1 ? 1 : 2);
  }
  return ResponseShard(features, responses);
}

std::vector<std::uint64_t> bits_of(const RowMatrix& rows, double margin, const Communicator& comm) {
  const ResponseShard shard = sharded(rows, margin, comm);
  std::vector<std::uint64_t> bits;
  test::BitCollector all(bits);
  const advi::Separation found = advi::find_separation(shard, 3, comm);
  all.add(static_cast<std::int64_t>(found.kind));
  all.add(found.separated);
  all.add(Vector(found.direction.reshaped()));
  all.add(advi::dependent_features(shard, comm));
  const advi::Regression target(
      {.response = advi::Response::categorical, .classes = 3, .prior_scales = Vector::Ones(kFeatures)},
      kFeatures);
  const Vector zeta = Vector::LinSpaced(target.size(), -1, 1);
  all.add(Vector(expected_information(target, zeta, shard, comm).reshaped()));
  return bits;
}

}  // namespace

TEST_CASE("what features say of classes and of each other has the bits of serial sums", "[bits]") {
  for (const Index records : {2, 700}) {  // also fewer records than ranks
    RowMatrix rows = test::normal_records(records, kFeatures, 4);
    rows.col(2) = rows.col(0) - rows.col(1);
    for (const double margin : {0.2, 1.0}) {
      const auto alone = bits_of(rows, margin, {});
      REQUIRE_ALL(bits_of(rows, margin, test::world()) == alone);
    }
  }
}
