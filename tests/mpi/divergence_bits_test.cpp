#include "jensen/core/error.hpp"
#include "jensen/models/mixture/divergence.hpp"
#include "support/densities.hpp"
#include "support/world.hpp"

using namespace jensen;
using mixture::DivergenceEstimates;
using mixture::DrawPlan;

namespace {

bool same(const DivergenceEstimates& a, const DivergenceEstimates& b) {
  const std::array first = all_of(a), second = all_of(b);
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i].value != second[i].value || first[i].standard_error != second[i].standard_error)
      return false;
  }
  return a.draws == b.draws;
}

}  // namespace

TEST_CASE("divergences of mixtures have the bits of a serial estimate", "[bits][divergence]") {
  const auto require_same_bits = [](const mixture::Density& p, const mixture::Density& q, Index draws) {
    const DrawPlan plan{.standard_error = 1e-9, .most_draws = draws};
    const DivergenceEstimates alone = estimate_divergences(p, q, plan, Communicator());
    const DivergenceEstimates together = estimate_divergences(p, q, plan, test::world());
    CAPTURE(draws, alone.forward.value, together.forward.value);
    REQUIRE_ALL(same(alone, together));
  };
  const mixture::Density p = test::density_of(test::random_mixture(3, 3, 1));
  for (const char* family : {"VVV", "EEE", "VVI"}) {
    // one block, and a few: ranks may have none
    for (const Index draws : {1000, 9000})
      require_same_bits(p, test::density_of(test::random_mixture(2, 3, 2), family), draws);
  }
  // several rounds
  require_same_bits(test::density_of(test::random_mixture(1, 1, 3), "VII"),
                    test::density_of(test::random_mixture(2, 1, 4), "VII"), 70'000);
}

TEST_CASE("a density that is not finite is said on every rank", "[divergence]") {
  test::GaussianParameters far = test::random_mixture(1, 2, 1);
  const mixture::Density p = test::density_of(far);
  far.means.setConstant(1e200);
  const mixture::Density q = test::density_of(far);
  bool thrown = false;
  try {
    estimate_divergences(p, q, {.most_draws = 3000}, test::world());
  } catch (const NumericalError&) {
    thrown = true;
  }
  REQUIRE_ALL(thrown);
}
