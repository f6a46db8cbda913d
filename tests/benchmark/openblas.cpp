#include "openblas.hpp"

#include <dlfcn.h>

#include <optional>

namespace bench {
namespace {

std::optional<OpenBlas> load() {
  void* const library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  const auto core = reinterpret_cast<const char* (*)()>(dlsym(library, "openblas_get_corename"));
  const auto threads = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"));
  OpenBlas blas{.core = core != nullptr ? core() : "",
                .dgemm = reinterpret_cast<OpenBlas::Gemm<double>>(dlsym(library, "cblas_dgemm")),
                .sgemm = reinterpret_cast<OpenBlas::Gemm<float>>(dlsym(library, "cblas_sgemm")),
                .dgemv = reinterpret_cast<OpenBlas::Gemv>(dlsym(library, "cblas_dgemv"))};
  if (!core || !threads || !blas.dgemm || !blas.sgemm || !blas.dgemv) return std::nullopt;
  threads(1);
  return blas;
}

}  // namespace

const OpenBlas* openblas() {
  static const std::optional<OpenBlas> blas = load();
  return blas ? &*blas : nullptr;
}

}  // namespace bench
