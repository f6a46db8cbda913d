#include "jensen/core/numeric_canary.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <bit>
#include <cmath>

#include "jensen/core/random.hpp"
#include "jensen/core/types.hpp"

namespace jensen {
namespace {

class Hash {
 public:
  void add(const Matrix& values) {
    for (Index i = 0; i < values.size(); ++i) {
      value_ = (value_ ^ std::bit_cast<std::uint64_t>(values.data()[i])) * 0xff51afd7ed558ccdu;
      value_ ^= value_ >> 32;
    }
  }
  std::int64_t value() const { return static_cast<std::int64_t>(value_); }

 private:
  std::uint64_t value_ = 0x9e3779b97f4a7c15u;
};

}  // namespace

std::int64_t numeric_canary() {
  constexpr Index kRows = 300, kColumns = 37;  // beyond one register tile, and no multiple of one
  Matrix z(kRows, kColumns);
  Stream stream(1, Purpose::canary, 0);
  for (Index i = 0; i < z.size(); ++i) z.data()[i] = stream.normal();
  const Matrix gram = z.transpose() * z;
  const Eigen::LLT<Matrix> cholesky(gram);
  Hash hash;
  hash.add(gram);
  hash.add(cholesky.matrixL().solve(Matrix::Identity(kColumns, kColumns)));
  hash.add(Eigen::SelfAdjointEigenSolver<Matrix>(gram.topLeftCorner(9, 9)).eigenvectors());
  hash.add((-z.array().square()).exp().rowwise().sum().log().matrix());
  hash.add(z.array().abs().sqrt().matrix());
  hash.add(z.unaryExpr([](double x) { return std::exp(x) + std::log(std::abs(x)); }));
  hash.add(z.unaryExpr([](double x) { return std::lgamma(1 + std::abs(x)); }));
  return hash.value();
}

}  // namespace jensen
