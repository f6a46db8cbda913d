#include "jensen/models/advi/dependence.hpp"

#include <catch2/catch.hpp>

#include "support/samples.hpp"

using namespace jensen;

namespace {

const Communicator kSerial;
using Sets = std::vector<std::vector<Index>>;

/// Of features as a fit takes them: centred, scaled.
Sets dependent_in(const RowMatrix& x, const Vector& scales) {
  const Transform transform{x.colwise().mean().transpose(), scales};
  return advi::dependent_features(ResponseShard(make_serial_shard(x).with_transform(transform)), kSerial);
}

}  // namespace

TEST_CASE("features that follow from others are found with these", "[advi]") {
  RowMatrix x = test::normal_records(200, 7, 1);
  const Vector ones = Vector::Ones(7);
  CHECK(dependent_in(x, ones).empty());
  x.col(3).array() = 5 - x.col(0).array() + 2 * x.col(2).array();
  x.col(6) = 1e6 * x.col(4);
  CHECK(dependent_in(x, ones) == Sets{{0, 2, 3}, {4, 6}});
  CHECK(dependent_in(x, Vector::LinSpaced(7, 1e-5, 1e5)) == Sets{{0, 2, 3}, {4, 6}});
  x.col(6) += 1e-2 * x.col(5);  // a part in 1e8 of its own is too little to be seen
  CHECK(dependent_in(x, ones) == Sets{{0, 2, 3}, {4, 6}});
  x.col(6) += 1e4 * x.col(5);
  CHECK(dependent_in(x, ones) == Sets{{0, 2, 3}, {4, 5, 6}});
}

TEST_CASE("the indicators of all levels follow from the intercept; constants are left out", "[advi]") {
  RowMatrix x = RowMatrix::Zero(90, 4);
  for (Index n = 0; n < 90; ++n) x(n, n % 3) = 1;
  x.col(3).setConstant(0.1);
  CHECK(dependent_in(x, Vector::Ones(4)) == Sets{{0, 1, 2}});
}

TEST_CASE("records of weight 0 tell nothing apart", "[advi]") {
  RowMatrix x = test::normal_records(50, 2, 2);
  std::vector<double> weights(50, 1);
  x.col(1).tail(49) = x.col(0).tail(49);
  CHECK(advi::dependent_features(ResponseShard(make_serial_shard(x)), kSerial).empty());
  weights[0] = 0;
  RowMatrix centred = x.rowwise() - x.bottomRows(49).colwise().mean();
  CHECK(advi::dependent_features(ResponseShard(make_serial_shard(centred, weights)), kSerial) ==
        Sets{{0, 1}});
}

TEST_CASE("dependent features are named, as far as there is room", "[advi]") {
  std::vector<std::string> names;
  for (int j = 0; j < 20; ++j) names.push_back(std::string(1, static_cast<char>('a' + j)));
  CHECK(advi::sentences_of({{0, 1, 2}}, names) ==
        std::vector<std::string>{
            "features 'a', 'b' and 'c' are linearly dependent: their coefficients cannot be "
            "told apart, and follow the prior"});
  std::vector<Index> many(12);
  for (Index j = 0; j < 12; ++j) many[static_cast<std::size_t>(j)] = j;
  CHECK_THAT(advi::sentences_of({many}, names)[0], Catch::Contains("'g' and 5 others are"));
  const auto seven = advi::sentences_of(Sets(7, {0, 1}), names);
  REQUIRE(seven.size() == 6);
  CHECK(seven.back() == "2 more features are linear combinations of those before them");
}
