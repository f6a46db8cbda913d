#include <algorithm>
#include <array>
#include <fstream>
#include <numeric>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "jensen/core/aligned.hpp"
#include "jensen/core/simd.hpp"
#include "openblas.hpp"
#include "rate.hpp"

namespace bench {
namespace {

using jensen::AlignedVector;
using jensen::Index;
namespace simd = jensen::simd;

/// More sums at a time than a multiply-add takes cycles; as many as there are registers for.
template <class T>
double fma_peak() {
  constexpr std::size_t kChains = simd::kWide ? 12 : 5;
  constexpr int kRounds = 50'000;
  std::array<simd::Pack<T>, kChains> sums;
  for (auto& sum : sums) sum = T{1};
  simd::Pack<T> factor = T(0.999), addend = T(1e-3);
  asm volatile("" : "+m"(factor), "+m"(addend));  // of unknown value
  const double rate = rate_of(0.02, 5, [&] {
    const auto b = factor, c = addend;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      std::array<simd::Pack<T>, kChains> own = {sums[I]...};
      for (int round = 0; round < kRounds; ++round) ((own[I] = simd::fma(own[I], b, c)), ...);
      ((sums[I] = own[I]), ...);
    }
    (std::make_index_sequence<kChains>{});
    asm volatile("" : "+m"(sums));
  });
  return rate * kRounds * static_cast<double>(kChains) * simd::kLanes<T> * 2 / 1e9;
}

double product_flops(Index order) {
  return 2.0 * static_cast<double>(order * order * order);
}

template <class T>
double eigen_product(Index order) {
  using Square = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  const Square a = Square::Random(order, order), b = Square::Random(order, order);
  Square c = Square::Zero(order, order);
  return rate_of(0.1, 3, [&] { c.noalias() = a * b; }) * product_flops(order) / 1e9;
}

/// cblas_dgemm or cblas_sgemm: column-major, nothing transposed.
template <class T>
double blas_product(OpenBlas::Gemm<T> product, Index order) {
  const auto size = static_cast<std::size_t>(order * order);
  const AlignedVector<T> a(size, T(1.1)), b(size, T(0.9));
  AlignedVector<T> c(size);
  const int n = static_cast<int>(order);
  return rate_of(0.1, 3,
                 [&] {
                   product(OpenBlas::kColumnMajor, OpenBlas::kAsIs, OpenBlas::kAsIs, n, n, n, T{1}, a.data(),
                           n, b.data(), n, T{0}, c.data(), n);
                 }) *
         product_flops(order) / 1e9;
}

/// Null where there is no OpenBLAS.
Json blas_products(Index order) {
  const OpenBlas* const blas = openblas();
  if (blas == nullptr) return nullptr;
  return {{"f64", blas_product<double>(blas->dgemm, order)},
          {"f32", blas_product<float>(blas->sgemm, order)},
          {"core", blas->core}};
}

double read_bandwidth() {
  const std::vector<std::int64_t> values(std::size_t{32} << 20, 1);
  volatile std::int64_t sum = 0;
  const double rate =
      rate_of(0.1, 3, [&] { sum = std::accumulate(values.begin(), values.end(), std::int64_t{0}); });
  return rate * static_cast<double>(values.size() * sizeof(values[0])) / 1e9;
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace

Json peak() {
  return {{"f64", fma_peak<double>()}, {"f32", fma_peak<float>()}};
}

Json machine(Index order) {
  return {{"cpu", cpu_name()},
          {"vector_registers", simd::kWide ? "32 of 512 bits" : "16 of 256 bits"},
          {"peak", peak()},
          {"gemm",
           {{"eigen", {{"f64", eigen_product<double>(order)}, {"f32", eigen_product<float>(order)}}},
            {"openblas", blas_products(order)}}},
          {"read_bandwidth", read_bandwidth()}};
}

}  // namespace bench
