#include "jensen/core/numeric_canary.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

#include "jensen/core/bit_hash.hpp"
#include "jensen/core/random.hpp"
#include "jensen/core/types.hpp"

namespace jensen {

std::int64_t numeric_canary() {
  constexpr Index kRows = 300, kColumns = 37;  // beyond one register tile, and no multiple of one
  Matrix z(kRows, kColumns);
  Stream stream(1, Purpose::canary, 0);
  for (Index i = 0; i < z.size(); ++i) z.data()[i] = stream.normal();
  const Matrix gram = z.transpose() * z;
  const Eigen::LLT<Matrix> cholesky(gram);
  BitHash hash;
  const auto add = [&](const Matrix& values) {
    for (Index i = 0; i < values.size(); ++i) hash.add(values.data()[i]);
  };
  add(gram);
  add(cholesky.matrixL().solve(Matrix::Identity(kColumns, kColumns)));
  add(Eigen::SelfAdjointEigenSolver<Matrix>(gram.topLeftCorner(9, 9)).eigenvectors());
  add((-z.array().square()).exp().rowwise().sum().log().matrix());
  add(z.array().abs().sqrt().matrix());
  add(z.unaryExpr([](double x) { return std::exp(x) + std::log(std::abs(x)); }));
  add(z.unaryExpr([](double x) { return std::lgamma(1 + std::abs(x)); }));
  return static_cast<std::int64_t>(hash.value());
}

}  // namespace jensen
