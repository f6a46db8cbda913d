#include "document_kernels.hpp"

#include <cstring>
#include <limits>

#include "jensen/core/simd_log_gamma.hpp"

namespace jensen::lda {
using simd::Doubles;
using simd::load;
using simd::store;

namespace {

constexpr double kLeastLog = -300;

constexpr Index kLanes = kLine;
static_assert(kLine == simd::kLanes<double>);
/// Words whose products with theta are in registers at once.
constexpr std::size_t kTogether = simd::kWide ? 8 : 4;

constexpr auto kSum = [](auto a, auto b) { return a + b; };
constexpr auto kLarger = [](auto a, auto b) { return a < b ? b : a; };

/// norms[i] = the sum of line i, in the order of simd::fold.
template <bool wide = simd::kWide>
[[gnu::always_inline]] inline void fold_lines(const double (&lanes)[kLanes][kLanes], double* norms) {
  if constexpr (wide) {
    using Line [[gnu::vector_size(64)]] = double;
    Line line[kLanes];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kLanes; ++i) std::memcpy(&line[i], lanes[i], sizeof line[i]);
    // Halves, quarters and neighbours are added, two lines becoming one.
    const auto halves = [](Line a, Line b) {
      return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
             __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
    };
    const auto quarters = [](Line a, Line b) {
      return __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13) +
             __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15);
    };
    const Line even = quarters(halves(line[0], line[2]), halves(line[4], line[6]));
    const Line odd = quarters(halves(line[1], line[3]), halves(line[5], line[7]));
    const Line sums = __builtin_shufflevector(even, odd, 0, 8, 2, 10, 4, 12, 6, 14) +
                      __builtin_shufflevector(even, odd, 1, 9, 3, 11, 5, 13, 7, 15);
    std::memcpy(norms, &sums, sizeof sums);
  } else {
    for (Index i = 0; i < kLanes; ++i) norms[i] = simd::fold(load<double>(lanes[i]), kSum);
  }
}

}  // namespace

[[gnu::flatten]] void multiply_group(const double* rows, Index stride, const double* theta, double* norms) {
  alignas(64) double lanes[kLanes][kLanes];
  for (std::size_t first = 0; first < kLanes; first += kTogether) {
    const double* const own = rows + static_cast<Index>(first) * stride;
    Doubles sums[kTogether];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kTogether; ++i) sums[i] = 0.0;
    for (Index k = 0; k < stride; k += kLanes) {
      const Doubles factor = load<double>(theta + k);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kTogether; ++i)
        sums[i] = simd::fma(factor, load<double>(own + static_cast<Index>(i) * stride + k), sums[i]);
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kTogether; ++i) store<double>(sums[i], lanes[first + i]);
  }
  fold_lines(lanes, norms);
}

[[gnu::flatten]] void add_group(const double* rows, Index stride, const double* ratios, double* sums) {
  Doubles factors[kLanes];
#pragma GCC unroll 8
  for (Index i = 0; i < kLanes; ++i) factors[i] = ratios[i];
  for (Index k = 0; k < stride; k += kLanes) {
    Doubles sum = load<double>(sums + k);
#pragma GCC unroll 8
    for (Index i = 0; i < kLanes; ++i) sum = simd::fma(factors[i], load<double>(rows + i * stride + k), sum);
    store<double>(sum, sums + k);
  }
}

[[gnu::flatten]] void sweep_words(Index padded, const double* rows, Index stride, const double* counts,
                                  const double* theta, double* norms, double* ratios, double* sums) {
  const auto take_ratios = [&](Index i) __attribute__((always_inline)) {
    multiply_group(rows + i * stride, stride, theta, norms + i);
    store<double>(load<double>(counts + i) / load<double>(norms + i), ratios + i);
  };
  take_ratios(0);
  for (Index i = 0; i < padded; i += kLanes) {
    // A line ahead: what a sum over lanes and a division wait for, the additions fill.
    if (i + kLanes < padded) take_ratios(i + kLanes);
    add_group(rows + i * stride, stride, ratios + i, sums);
  }
}

[[gnu::flatten]] double update_gamma(Index stride, const double* alpha, const double* theta,
                                     const double* sums, double* gamma, double* digammas, double& largest) {
  Doubles change = 0.0, most = -std::numeric_limits<double>::infinity();
  for (Index k = 0; k < stride; k += kLanes) {
    const Doubles next = simd::fma(load<double>(theta + k), load<double>(sums + k), load<double>(alpha + k));
    change += abs(next - load<double>(gamma + k));
    store<double>(next, gamma + k);
    const Doubles digamma = simd::digamma(next);
    most = simd::max(most, digamma);
    store<double>(digamma, digammas + k);
  }
  largest = simd::fold(most, kLarger);
  return simd::fold(change, kSum);
}

[[gnu::flatten]] double digamma_of(Index stride, const double* gamma, double* digammas) {
  Doubles most = -std::numeric_limits<double>::infinity();
  for (Index k = 0; k < stride; k += kLanes) {
    const Doubles digamma = simd::digamma(load<double>(gamma + k));
    most = simd::max(most, digamma);
    store<double>(digamma, digammas + k);
  }
  return simd::fold(most, kLarger);
}

[[gnu::flatten]] void exponentiate(Index stride, const double* digammas, double shift, double* theta) {
  const Doubles least = kLeastLog;
  for (Index k = 0; k < stride; k += kLanes)
    store<double>(simd::exp_in_range(simd::max(load<double>(digammas + k) - shift, least)), theta + k);
}

[[gnu::flatten]] double words_bound(Index padded, const double* counts, const double* norms,
                                    const double* log_scales, double shift, double& magnitude) {
  Doubles sum = 0.0, size = 0.0;
  for (Index i = 0; i < padded; i += kLanes) {
    const Doubles log_norm = simd::log(load<double>(norms + i)) + load<double>(log_scales + i) + shift;
    const Doubles term = load<double>(counts + i) * log_norm;
    sum += term;
    size += abs(term);
  }
  magnitude = simd::fold(size, kSum);
  return simd::fold(sum, kSum);
}

[[gnu::flatten]] double mixture_bound(Index stride, const MixturePrior& prior, const double* gamma,
                                      const double* digammas, double digamma_of_sum, double* log_theta) {
  Doubles sum = 0.0;
  for (Index k = 0; k < stride; k += kLanes) {
    const Doubles mean = load<double>(digammas + k) - digamma_of_sum;
    store<double>(mean, log_theta + k);
    const Doubles g = load<double>(gamma + k);
    sum += simd::log_gamma(g) - load<double>(prior.log_gamma.data() + k) +
           (load<double>(prior.alpha.data() + k) - g) * mean;
  }
  return simd::fold(sum, kSum);
}

[[gnu::flatten]] double sum_of(const double* values, Index count) {
  Doubles sum = 0.0;
  for (Index i = 0; i < count; i += kLanes) sum += load<double>(values + i);
  return simd::fold(sum, kSum);
}

[[gnu::flatten]] void divide(Index count, const double* above, const double* below, double* ratios) {
  for (Index i = 0; i < count; i += kLanes)
    store<double>(load<double>(above + i) / load<double>(below + i), ratios + i);
}

[[gnu::flatten]] void add_product_row(Index stride, double factor, const double* a, const double* b,
                                      double* row) {
  const Doubles f = factor;
  for (Index k = 0; k < stride; k += kLanes) {
    const Doubles product = load<double>(a + k) * load<double>(b + k);
    simd::store_anywhere<double>(simd::fma(f, product, simd::load_anywhere<double>(row + k)), row + k);
  }
}

[[gnu::flatten]] void add_row(Index stride, double factor, const double* a, double* row) {
  const Doubles f = factor;
  for (Index k = 0; k < stride; k += kLanes)
    simd::store_anywhere<double>(simd::fma(f, load<double>(a + k), simd::load_anywhere<double>(row + k)),
                                 row + k);
}

[[gnu::flatten]] void update_word(Index stride, double count, const double* theta, const double* row,
                                  double* phi, double* gamma) {
  Doubles norm = 0.0;
  for (Index k = 0; k < stride; k += kLanes)
    norm = simd::fma(load<double>(theta + k), load<double>(row + k), norm);
  const Doubles inverse = 1.0 / simd::fold(norm, kSum), n = count;
  for (Index k = 0; k < stride; k += kLanes) {
    const Doubles next = load<double>(theta + k) * load<double>(row + k) * inverse;
    store<double>(simd::fma(n, next - load<double>(phi + k), load<double>(gamma + k)), gamma + k);
    store<double>(next, phi + k);
  }
}

[[gnu::flatten]] double word_bound(Index stride, const double* phi, const double* log_theta,
                                   const double* row) {
  Doubles sum = 0.0;
  const Doubles least = 1e-300;  // 0 log 0 = 0
  for (Index k = 0; k < stride; k += kLanes) {
    const Doubles p = load<double>(phi + k);
    const Doubles log_ratio =
        simd::log(simd::max(load<double>(row + k), least)) - simd::log(simd::max(p, least));
    Doubles term = p * (load<double>(log_theta + k) + log_ratio);
    where(p == 0.0, term) = 0.0;
    sum += term;
  }
  return simd::fold(sum, kSum);
}

}  // namespace jensen::lda
