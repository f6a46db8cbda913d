#include <catch2/catch.hpp>
#include <set>

#include "jensen/models/gmm/features.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"

using namespace jensen;
using gmm::Features;
using gmm::Quadratic;

TEST_CASE("Every pair of features has one place") {
  for (Index d = 1; d <= 9; ++d) {
    std::set<std::pair<Index, Index>> seen;
    Index next = 0;
    gmm::for_each_pair(d, [&](Index i, Index j, Index position) {
      CHECK(position == next++);
      seen.insert(std::minmax(i, j));
    });
    CHECK(static_cast<Index>(seen.size()) == d * (d + 1) / 2);
    CHECK(next == gmm::quadratic_size(Quadratic::packed, d));
  }
}

TEST_CASE("Slices hold the features of every record, and zeros to whole vectors") {
  const Index d = GENERATE(1, 2, 3, 8, 9, 17, 31, 40, 300);
  const Quadratic kind = GENERATE(Quadratic::none, Quadratic::norm, Quadratic::squares, Quadratic::packed);
  const Index count = 13;
  const RowMatrix rows = test::normal_records(count, d, 3);
  const DenseShard shard = make_serial_shard(rows);
  const test::WholeBlock block(shard);
  const Features features(kind, d);
  CHECK(features.count() == gmm::quadratic_size(kind, d) + d);
  CHECK(features.stride() % 16 == 8);
  mixture::RecordTile tile(d, kind == Quadratic::packed);
  tile.load(*block, 0, count);
  AlignedVector<double> out(static_cast<std::size_t>(features.room(count)), -1);
  Index next = 0;
  for (const Features::Slice& slice : features.slices()) {
    CHECK(slice.first == next);
    next += slice.count;
    CHECK(slice.width % 8 == 0);
    features.fill(slice, tile, 0, count, out.data());
    for (Index n = 0; n < count; ++n) {
      const RowVector z = rows.row(n);
      Vector expected = Vector::Zero(features.padded_count());
      const Index quadratic = gmm::quadratic_size(kind, d);
      if (kind == Quadratic::packed)
        gmm::for_each_pair(d, [&](Index i, Index j, Index position) { expected[position] = z[i] * z[j]; });
      if (kind == Quadratic::squares) expected.head(d) = z.transpose().cwiseAbs2();
      if (kind == Quadratic::norm) {
        for (Index i = 0; i < d; ++i) expected[0] += z[i] * z[i];
      }
      expected.segment(quadratic, d) = z.transpose();
      const Eigen::Map<const Vector> found(out.data() + n * features.stride(), slice.width);
      CHECK(found.head(slice.count) == expected.segment(slice.first, slice.count));
      CHECK(found.tail(slice.width - slice.count).isZero(0));
    }
  }
  CHECK(next == features.count());
}
