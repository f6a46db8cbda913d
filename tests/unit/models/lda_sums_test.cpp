#include <catch2/catch.hpp>

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

TEST_CASE("touched rows alone enter the exact sum, with the bits of all", "[lda]") {
  lda::Sums sums(70, 5);
  ExactSum sparse(std::as_const(sums).flat().size()), dense(sparse.size());
  for (int block = 0; block < 9; ++block) {
    sums.clear();
    for (const Index word : {Index{3}, Index{69}, Index{block * 7}}) {
      double* const row = sums.touch(word);
      for (int k = 0; k < 5; ++k) row[k] += 0.1 * block + 1e-20 * k;
    }
    sums.objective() = -1.0 / (block + 1), sums.sweeps() = block, sums.log_mixtures()[4] = -0.1;
    sums.add_to(sparse);
    dense.add(std::as_const(sums).flat());
  }
  CHECK(rounded(sparse) == rounded(dense));
  CHECK(rounded(dense)[8 + 3 * 5] > 0);
}

TEST_CASE("clearing leaves nothing of a block, nor of totals", "[lda]") {
  lda::Sums sums(6, 3);
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
  lda::Sums sums(4, 2);
  for (int run = 0; run < 3; ++run) {
    accumulate(OneBlock(), Communicator(), sums,
               [&](const CountBlock&, Index, lda::Sums& own) { own.touch(run)[1] += 1; });
    for (Index w = 0; w < 4; ++w) CHECK(sums.row(w)[1] == (w == run ? 1 : 0));
  }
}
