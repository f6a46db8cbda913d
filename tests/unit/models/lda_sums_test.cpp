#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "jensen/data/count_block.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/models/lda/sums.hpp"

using namespace jensen;

namespace {

std::vector<double> rounded(const ExactSum& total) {
  std::vector<double> values(total.size());
  total.round_into(values);
  return values;
}

struct OneBlock {
  using Block = CountBlock;
  struct Buffer {};
  Index block_count() const { return 1; }
  CountBlock block(Index, Buffer&) const { return {}; }
};

}  // namespace

TEST_CASE("touched rows are added up in any order to the same bits, near the exact sum", "[lda]") {
  constexpr Index kWords = 70, kTopics = 5;
  const std::size_t head = 8;
  const auto rows = GENERATE(lda::Sums::Rows::exact, lda::Sums::Rows::fixed_point);
  lda::Sums sums(kWords, kTopics, rows);
  ExactSum exact(std::as_const(sums).flat().size());
  const auto fill = [&](int block) {
    sums.clear();
    for (const Index word : {Index{3}, Index{69}, Index{block * 7}}) {
      double* const row = sums.touch(word);
      for (int k = 0; k < kTopics; ++k) row[k] += 0.1 * block + 1e-9 * k + (block == 4 && k == 1 ? 1e6 : 0);
    }
    sums.touch(11)[2] = 2047;  // often enough to leave the fixed point
    sums.objective() = -1.0 / (block + 1), sums.sweeps() = block, sums.log_mixtures()[4] = -0.1;
  };
  std::vector<std::vector<double>> found;
  for (const bool reversed : {false, true}) {
    ExactSum total(exact.size());
    for (int repeat = 0; repeat < 20; ++repeat) {
      lda::Sums::BlockAdder adder(sums);
      for (int i = 0; i < 9; ++i) {
        fill(reversed ? 8 - i : i);
        if (!reversed) exact.add(std::as_const(sums).flat());
        adder.add(sums, total);
        if (reversed && i == 4) adder.finish(total);  // as on two ranks
      }
      adder.finish(total);
    }
    found.push_back(rounded(total));
  }
  CHECK(found[0] == found[1]);
  const std::vector<double> expected = rounded(exact);
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    worst = std::max(worst, std::abs(found[0][i] - expected[i]) / std::max(1.0, std::abs(expected[i])));
  CHECK(worst <= (rows == lda::Sums::Rows::exact ? 0.0 : 1e-13));
  CHECK(found[0][0] == expected[0]);  // what is no row is exact
  CHECK(found[0].end()[-10] == expected.end()[-10]);
  CHECK(found[0][head + 11 * kTopics + 2] == 2047.0 * 180);
  CHECK(found[0][head + 28 * kTopics + 1] > 1e6);
}

TEST_CASE("a number that is not finite or negative goes to the exact sum as it is", "[lda]") {
  lda::Sums sums(3, 2, lda::Sums::Rows::fixed_point);
  ExactSum total(std::as_const(sums).flat().size());
  lda::Sums::BlockAdder adder(sums);
  sums.touch(1)[0] = std::numeric_limits<double>::quiet_NaN();
  sums.touch(2)[1] = -0.25;
  adder.add(sums, total), adder.finish(total);
  CHECK(total.non_finite_count() == 1);
  CHECK(std::isnan(rounded(total)[8 + 2]));
  CHECK(rounded(total)[8 + 5] == -0.25);
}

TEST_CASE("clearing leaves nothing of a block, nor of totals", "[lda]") {
  lda::Sums sums(6, 3, lda::Sums::Rows::exact);
  const std::vector<double> zeros(std::as_const(sums).flat().size(), 0.0);
  const auto is_clear = [&] {
    const auto flat = std::as_const(sums).flat();
    return std::vector<double>(flat.begin(), flat.end()) == zeros;
  };
  sums.touch(5)[2] = 1, sums.touch(0)[0] = 2, sums.weight() = 3, sums.unsettled() = 4,
  sums.log_mixtures()[0] = 5;
  CHECK_FALSE(is_clear());
  sums.clear();
  CHECK(is_clear());
  for (double& value : sums.flat()) value = 7;
  sums.clear();
  CHECK(is_clear());
  sums.touch(5)[1] = 1;
  sums.clear();
  CHECK(is_clear());
}

TEST_CASE("a pass after another begins with clear sums", "[lda]") {
  lda::Sums sums(4, 2, lda::Sums::Rows::fixed_point);
  for (int run = 0; run < 3; ++run) {
    accumulate(OneBlock(), Communicator(), sums,
               [&](const CountBlock&, Index, lda::Sums& own) { own.touch(run)[1] += 1; });
    for (Index w = 0; w < 4; ++w) CHECK(sums.row(w)[1] == (w == run ? 1 : 0));
  }
}
