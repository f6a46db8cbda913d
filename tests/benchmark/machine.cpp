#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <numeric>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "jensen/core/aligned.hpp"
#include "jensen/core/simd.hpp"
#include "jensen/core/stopwatch.hpp"

namespace bench {
namespace {

using jensen::AlignedVector;
using jensen::Index;
using jensen::Stopwatch;
namespace simd = jensen::simd;

/// Calls of `work` in a second: the best of several series of at least `seconds` each.
template <class Work>
double rate_of(double seconds, int series, Work work) {
  work();
  double best = 0;
  for (int i = 0; i < series; ++i) {
    const Stopwatch watch;
    double spent = 0;
    int calls = 0;
    while (spent < seconds) work(), ++calls, spent = watch.seconds();
    best = std::max(best, calls / spent);
  }
  return best;
}

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
double blas_product(void* function, Index order) {
  constexpr int kColumnMajor = 102, kAsIs = 111;
  using Product = void (*)(int, int, int, int, int, int, T, const T*, int, const T*, int, T, T*, int);
  const auto product = reinterpret_cast<Product>(function);
  const auto size = static_cast<std::size_t>(order * order);
  const AlignedVector<T> a(size, T(1.1)), b(size, T(0.9));
  AlignedVector<T> c(size);
  const int n = static_cast<int>(order);
  return rate_of(0.1, 3,
                 [&] {
                   product(kColumnMajor, kAsIs, kAsIs, n, n, n, T{1}, a.data(), n, b.data(), n, T{0},
                           c.data(), n);
                 }) *
         product_flops(order) / 1e9;
}

/// Null where there is no OpenBLAS.
Json openblas(Index order) {
  void* const library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  const auto core = reinterpret_cast<const char* (*)()>(dlsym(library, "openblas_get_corename"));
  const auto threads = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"));
  void* const dgemm = dlsym(library, "cblas_dgemm");
  void* const sgemm = dlsym(library, "cblas_sgemm");
  if (!core || !threads || !dgemm || !sgemm) return nullptr;
  threads(1);
  return {{"f64", blas_product<double>(dgemm, order)},
          {"f32", blas_product<float>(sgemm, order)},
          {"core", core()}};
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
            {"openblas", openblas(order)}}},
          {"read_bandwidth", read_bandwidth()}};
}

}  // namespace bench
