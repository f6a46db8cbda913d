#include <boost/math/special_functions/digamma.hpp>
#include <cmath>

#include "bench.hpp"
#include "jensen/core/aligned.hpp"
#include "jensen/core/random.hpp"
#include "jensen/core/simd_math.hpp"
#include "jensen/core/stopwatch.hpp"

namespace bench {
namespace {

constexpr std::size_t kElements = 2048;  // from and to in the first-level cache

/// Nanoseconds per element of `work`, which maps from kElements to as many; the best of some series.
template <class Work>
double nanoseconds(const jensen::AlignedVector<double>& from, Work work) {
  jensen::AlignedVector<double> to(kElements);
  double best = 1e300;
  for (int series = 0; series < 7; ++series) {
    const jensen::Stopwatch watch;
    int calls = 0;
    double spent = 0;
    while (spent < 0.01) {
      work(from, to);
      asm volatile("" ::"r"(to.data()) : "memory");
      ++calls, spent = watch.seconds();
    }
    best = std::min(best, spent * 1e9 / (calls * static_cast<double>(kElements)));
  }
  return best;
}

template <class Function>
auto one_by_one(Function function) {
  return [function](const auto& from, auto& to) {
    for (std::size_t i = 0; i < kElements; ++i) to[i] = function(from[i]);
  };
}

using Numbers = jensen::AlignedVector<double>;

// Loops of their own, as kernels have them: gcc does not inline vectors' functions through lambdas.
void exp_by_vectors(const Numbers& from, Numbers& to) {
  for (std::size_t i = 0; i < kElements; i += 8)
    jensen::simd::store<double>(jensen::simd::exp(jensen::simd::load<double>(&from[i])), &to[i]);
}
void log_by_vectors(const Numbers& from, Numbers& to) {
  for (std::size_t i = 0; i < kElements; i += 8)
    jensen::simd::store<double>(jensen::simd::log(jensen::simd::load<double>(&from[i])), &to[i]);
}
void digamma_by_vectors(const Numbers& from, Numbers& to) {
  for (std::size_t i = 0; i < kElements; i += 8)
    jensen::simd::store<double>(jensen::simd::digamma(jensen::simd::load<double>(&from[i])), &to[i]);
}

jensen::AlignedVector<double> arguments(double low, double high) {
  jensen::Stream stream(1, jensen::Purpose::sampling, 0, 0);
  jensen::AlignedVector<double> values(kElements);
  for (double& value : values) value = low + (high - low) * stream.uniform();
  return values;
}

}  // namespace

Json functions() {
  using boost::math::policies::promote_double;  // to long double: not wanted
  const boost::math::policies::policy<promote_double<false>> in_double;
  const auto below = arguments(-40, 0), positive = arguments(0.1, 100);
  Json times = {{"exp", {{"libm", nanoseconds(below, one_by_one([](double x) { return std::exp(x); }))}}},
                {"log", {{"libm", nanoseconds(positive, one_by_one([](double x) { return std::log(x); }))}}},
                {"digamma", {{"boost", nanoseconds(positive, one_by_one([&](double x) {
                                                     return boost::math::digamma(x, in_double);
                                                   }))}}}};
  times["exp"]["jensen"] = nanoseconds(below, exp_by_vectors);
  times["log"]["jensen"] = nanoseconds(positive, log_by_vectors);
  times["digamma"]["jensen"] = nanoseconds(positive, digamma_by_vectors);
  return times;
}

}  // namespace bench
