#include "jensen/core/nonnegative_least_squares.hpp"

#include <algorithm>
#include <vector>

namespace jensen {
namespace {

constexpr double kOrthogonal = 1e-10;  // cosine of a column and the residual: nothing to be gained
constexpr double kDependent = 1e-12;   // part of a column that others do not have

/// Some columns of A as Q R, by Gram-Schmidt done twice.
class Columns {
 public:
  Columns(const Matrix& a, const Vector& b) : a_(a), b_(b) {
    const Index most = std::min(a.rows(), a.cols());
    q_ = Matrix(a.rows(), most);
    r_ = Matrix::Zero(most, most);
    projected_ = Vector(most);
  }

  Index count() const { return static_cast<Index>(chosen_.size()); }
  const std::vector<Index>& chosen() const { return chosen_; }

  /// Whether column j was taken: it is not where the others have it already.
  bool append(Index j) {
    const Index k = count();
    if (k == q_.cols()) return false;
    Vector rest = a_.col(j), parts = Vector::Zero(k);
    for (int round = 0; round < 2; ++round) {
      const Vector more = q_.leftCols(k).transpose() * rest;
      rest -= q_.leftCols(k) * more;
      parts += more;
    }
    const double length = rest.norm();
    if (!(length > kDependent * a_.col(j).norm())) return false;
    r_.col(k).head(k) = parts;
    r_(k, k) = length;
    q_.col(k) = rest / length;
    projected_[k] = q_.col(k).dot(b_);
    chosen_.push_back(j);
    return true;
  }

  void keep(const std::vector<Index>& columns) {
    chosen_.clear();
    for (const Index j : columns) append(j);
  }

  /// The least-squares solution in these columns alone.
  Vector solution() const {
    const Index k = count();
    return r_.topLeftCorner(k, k).triangularView<Eigen::Upper>().solve(projected_.head(k));
  }

 private:
  const Matrix& a_;
  const Vector& b_;
  Matrix q_, r_;
  Vector projected_;  // Q' b
  std::vector<Index> chosen_;
};

/// Goes from x towards the solution in the chosen columns, as far as no number falls below 0; columns whose
/// numbers came to 0 are given up until all of the solution is positive.
void settle(Columns& columns, Vector& x) {
  for (;;) {
    const Vector solution = columns.solution();
    double share = 1;
    for (Index i = 0; i < solution.size(); ++i) {
      const double now = x[columns.chosen()[static_cast<std::size_t>(i)]];
      if (solution[i] <= 0) share = std::min(share, now / (now - solution[i]));
    }
    std::vector<Index> kept;
    for (Index i = 0; i < solution.size(); ++i) {
      const Index j = columns.chosen()[static_cast<std::size_t>(i)];
      const double now = x[j];
      const bool ends = solution[i] <= 0 && now / (now - solution[i]) <= share;
      x[j] = ends ? 0 : now + share * (solution[i] - now);
      if (x[j] > 0) kept.push_back(j);
    }
    if (std::ssize(kept) == columns.count()) return;
    columns.keep(kept);
  }
}

}  // namespace

Vector nonnegative_least_squares(const Matrix& a, const Vector& b) {
  Vector x = Vector::Zero(a.cols()), residual = b;
  const Vector lengths = a.colwise().norm().transpose();
  Columns columns(a, b);
  for (Index step = 0; step < 10 * a.cols(); ++step) {
    Vector slope = (a.transpose() * residual).cwiseQuotient(lengths);
    for (const Index j : columns.chosen()) slope[j] = 0;
    const double before = residual.norm();
    Index best = 0;
    while (slope.maxCoeff(&best) > kOrthogonal * before && !columns.append(best)) slope[best] = 0;
    if (!(slope[best] > kOrthogonal * before)) break;
    settle(columns, x);
    residual = b - a * x;
    if (!(residual.norm() < before)) break;
  }
  return x;
}

}  // namespace jensen
