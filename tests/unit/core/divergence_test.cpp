#include "jensen/core/divergence.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"

using namespace jensen;
using Catch::Contains;
using Table = std::vector<double>;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double kl(const Table& p, const Table& q) {
  return kl_divergence(std::span(p), std::span(q));
}

Table random_table(std::size_t outcomes, Index seed) {
  Stream stream(7, Purpose::canary, seed);
  Table table(outcomes);
  double sum = 0;
  for (double& entry : table) sum += entry = stream.exponential();
  for (double& entry : table) entry /= sum;
  return table;
}

Table product(const Table& p, const Table& q) {
  Table joint;
  for (const double a : p) {
    for (const double b : q) joint.push_back(a * b);
  }
  return joint;
}

}  // namespace

TEST_CASE("divergence of two coins") {
  CHECK(kl({.7, .3}, {.5, .5}) == Approx(0.0822828785).epsilon(1e-9));
  CHECK(kl({.5, .5}, {.7, .3}) == Approx(0.0871767).epsilon(1e-6));
  CHECK(kl({.7, .3}, {.2, .8}) == Approx(0.5826853020).epsilon(1e-9));
  CHECK(kl({.7, .3}, {.6, .4}) == Approx(0.0216).epsilon(1e-2));  // what circulating notes print for .5
}

TEST_CASE("mass where the other table has none") {
  CHECK(kl({.5, .5}, {1, 0}) == kInfinity);
  CHECK(kl({1, 0}, {.5, .5}) == Approx(std::numbers::ln2).epsilon(1e-15));
  CHECK(kl({0, 1, 0}, {0, 1, 0}) == 0);
  CHECK(kl({1}, {1}) == 0);
  CHECK(jensen_shannon_divergence(Table{1, 0}, Table{0, 1}) == Approx(std::numbers::ln2).epsilon(1e-15));
  CHECK(symmetrised_divergence(Table{1, 0}, Table{.5, .5}) == kInfinity);
  CHECK(kl({1, 0}, {1e-310, 1}) == Approx(310 * std::numbers::ln10).epsilon(1e-6));
  CHECK(kl({1e-310, 1}, {1, 0}) == kInfinity);
  CHECK(kl({1e-310, 1}, {.5, .5}) == Approx(std::numbers::ln2).epsilon(1e-15));
}

TEST_CASE("tables that are hardly different") {
  // KL = d^2 / (2 p (1 - p)) to the third power of d: plain logarithms would leave nothing of it
  const double d = 1e-11;
  CHECK(kl({.3, .7}, {.3 + d, .7 - d}) == Approx(d * d / (2 * .3 * .7)).epsilon(1e-4));
}

TEST_CASE("invariances of the divergence of tables") {
  for (Index seed = 0; seed < 20; ++seed) {
    const Table p = random_table(5, 2 * seed), q = random_table(5, 2 * seed + 1);
    const Table r = random_table(3, 100 + seed), s = random_table(3, 200 + seed);
    const double value = kl(p, q);
    CHECK(value > 0);
    CHECK(kl(p, p) == 0);
    CHECK(kl({p[3], p[0], p[4], p[1], p[2]}, {q[3], q[0], q[4], q[1], q[2]}) == Approx(value).epsilon(1e-13));
    // independent parts add up; an outcome that is split in the same way in both adds nothing
    CHECK(kl(product(p, r), product(q, s)) == Approx(value + kl(r, s)).epsilon(1e-12));
    CHECK(kl(product(p, r), product(q, r)) == Approx(value).epsilon(1e-12));
    // chain rule: joining outcomes 0 and 1 loses what they say once it is one of them
    const double p01 = p[0] + p[1], q01 = q[0] + q[1];
    const double joined = kl({p01, p[2], p[3], p[4]}, {q01, q[2], q[3], q[4]});
    const double within = kl({p[0] / p01, p[1] / p01}, {q[0] / q01, q[1] / q01});
    CHECK(value == Approx(joined + p01 * within).epsilon(1e-12));
    const double js = jensen_shannon_divergence(p, q);
    CHECK(js == Approx(jensen_shannon_divergence(q, p)).epsilon(1e-13));
    CHECK(js <= std::min(std::numbers::ln2, symmetrised_divergence(p, q) / 4));
    CHECK(symmetrised_divergence(p, q) == Approx(value + kl(q, p)).epsilon(1e-13));
  }
}

TEST_CASE("a multinomial is so many categorical draws") {
  const Table p = {.2, .5, .3}, q = {.4, .4, .2};
  // summed over all counts of three trials
  const auto log_probability = [](const Table& table, const int counts[3]) {
    double sum = std::log(6.0);
    for (std::size_t i = 0; i < 3; ++i) sum += counts[i] * std::log(table[i]) - std::lgamma(counts[i] + 1);
    return sum;
  };
  double sum = 0;
  for (int a = 0; a <= 3; ++a) {
    for (int b = 0; a + b <= 3; ++b) {
      const int counts[3] = {a, b, 3 - a - b};
      const double log_p = log_probability(p, counts);
      sum += std::exp(log_p) * (log_p - log_probability(q, counts));
    }
  }
  CHECK(kl_divergence(Multinomial{3, p}, Multinomial{3, q}) == Approx(sum).epsilon(1e-13));
  CHECK(kl_divergence(Multinomial{3, p}, Multinomial{2, p}) == kInfinity);
  CHECK(kl_divergence(Multinomial{0, {1, 0}}, Multinomial{0, {0, 1}}) == 0);
}

TEST_CASE("the most likely parameter is the one that diverges least from the data") {
  // numbers of heads in three throws, 100 times; the family: Binomial(3, theta)
  const Table counts = {12, 31, 40, 17};
  Table empirical;
  double entropy = 0;
  for (const double count : counts) {
    empirical.push_back(count / 100);
    entropy -= count / 100 * std::log(count / 100);
  }
  double most_likely = 0, least_divergent = 0, highest = -kInfinity, lowest = kInfinity;
  for (int i = 1; i < 1000; ++i) {
    const double theta = i / 1000.0, rest = 1 - theta;
    const Table q = {rest * rest * rest, 3 * theta * rest * rest, 3 * theta * theta * rest,
                     theta * theta * theta};
    double log_likelihood = 0;
    for (std::size_t k = 0; k < 4; ++k) log_likelihood += counts[k] * std::log(q[k]);
    const double divergence = kl(empirical, q);
    CHECK(divergence == Approx(-entropy - log_likelihood / 100).epsilon(1e-12));
    if (log_likelihood > highest) highest = log_likelihood, most_likely = theta;
    if (divergence < lowest) lowest = divergence, least_divergent = theta;
  }
  CHECK(most_likely == least_divergent);
  CHECK(most_likely == Approx((31 + 2 * 40 + 3 * 17) / 300.0).margin(1e-12));  // heads in all throws
}

TEST_CASE("what is no table is refused") {
  const Table fine = {.5, .5};
  CHECK_THROWS_WITH(kl({.5, .6}, fine), Contains("the table p adds up to 1.1 (must be 1, within 1e-06)"));
  CHECK_THROWS_WITH(kl(fine, {.5, .499998}), Contains("the table q adds up to"));
  CHECK_NOTHROW(kl(fine, {.5, .4999995}));
  CHECK_THROWS_WITH(kl({-.5, 1.5}, fine), Contains("entry 0 of the table p is -0.5"));
  CHECK_THROWS_WITH(kl(fine, {.5, std::nan("")}), Contains("entry 1 of the table q is nan"));
  CHECK_THROWS_WITH(kl({kInfinity, 0}, fine), Contains("is inf"));
  CHECK_THROWS_WITH(kl({}, {}), Contains("empty"));
  CHECK_THROWS_WITH(kl(fine, {1}), Contains("p has 2 outcomes and q has 1"));
  CHECK_THROWS_AS(kl(fine, {1}), InputError);
}
