#include "jensen/core/linalg.hpp"

#include <Eigen/Core>

namespace jensen {

void pin_matrix_products() {
  static const bool pinned = [] {
    Eigen::setCpuCacheSizes(32 << 10, 1 << 20, 8 << 20);
    return true;
  }();
  static_cast<void>(pinned);
}

}  // namespace jensen
