#include "jensen/models/advi/separation.hpp"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "jensen/core/nonnegative_least_squares.hpp"
#include "separation_pass.hpp"

namespace jensen::advi {
namespace {

constexpr Index kMostCoefficients = 1000, kMostPasses = 50;
constexpr double kLeastGap = 1e-8;      // of a working set from 0: smaller ones are rounding
constexpr double kLeastPart = 1e-6;     // of a combination that comes to 0: smaller ones may be rounding
constexpr double kIndependent = 1e-7;   // part of a difference that others do not have
constexpr double kVisible = kNoMargin;  // length of a difference within the directions that are left

/// The basis, orthonormal, but for what these columns span within it.
Matrix without(const Matrix& basis, const Matrix& columns) {
  Eigen::ColPivHouseholderQR<Matrix> qr(columns);
  qr.setThreshold(kIndependent);
  const Matrix rotation = qr.householderQ();
  return basis * rotation.rightCols(basis.cols() - qr.rank());
}

/// At right angles to nothing that is there but by a miracle.
Vector some_direction(Index size) {
  Vector direction(size);
  for (Index i = 0; i < size; ++i) direction[i] = std::sin(static_cast<double>(i + 1));
  return direction.normalized();
}

/// A direction that separates the differences, columns of `all`, within the span of the basis; empty where
/// there is none: then the basis has lost what proves that.
Vector separating(const Matrix& all, Matrix& basis) {
  while (basis.cols() > 0) {
    const Matrix projected = basis.transpose() * all;
    std::vector<Index> visible;
    for (Index j = 0; j < projected.cols(); ++j) {
      if (projected.col(j).norm() > kVisible) visible.push_back(j);
    }
    if (visible.empty()) return basis * some_direction(basis.cols());
    Matrix a(projected.rows() + 1, std::ssize(visible));
    for (Index j = 0; j < a.cols(); ++j)
      a.col(j) << projected.col(visible[static_cast<std::size_t>(j)]).normalized(), 1;
    const Vector target = Vector::Unit(a.rows(), a.rows() - 1);
    const Vector x = nonnegative_least_squares(a, target);
    const double gap = (target - a * x).norm();
    if (gap > kLeastGap) {
      // turned within the gap, so that only what is not visible lies on the border
      const Vector best = (a.topRows(projected.rows()) * x).normalized();
      return basis * (best + 0.01 * gap * some_direction(best.size())).normalized();
    }
    const double least = kLeastPart * x.maxCoeff();
    Matrix used(projected.rows(), (x.array() > least).count());
    for (Index j = 0, next = 0; j < x.size(); ++j) {
      if (x[j] > least) used.col(next++) = a.col(j).head(projected.rows());
    }
    basis = without(basis, used);
  }
  return {};
}

}  // namespace

Separation find_separation(const ResponseShard& shard, Index classes, const Communicator& comm,
                           const std::function<bool(Index)>& contains) {
  const Index predictors = classes - 1, length = 1 + shard.features().features();
  const Index coefficients = predictors * length;
  if (coefficients > kMostCoefficients) return {.kind = Separation::Kind::unknown};
  Matrix basis = Matrix::Identity(coefficients, coefficients), working(coefficients, 0);
  for (Index pass = 0; pass < kMostPasses; ++pass) {
    const Vector flat = separating(working, basis);
    if (flat.size() == 0) return {};
    if (working.cols() > 0 && (working.transpose() * flat).minCoeff() < -kNoMargin) break;  // rounding
    const Matrix direction = flat.reshaped(length, predictors).transpose();
    const SeparationPass found = separation_pass(shard, direction, comm, contains);
    if (found.wrong.cols() > 0) {
      const Index before = working.cols();
      working.conservativeResize(Eigen::NoChange, before + found.wrong.cols());
      working.rightCols(found.wrong.cols()) = found.wrong;
      continue;
    }
    if (found.moved > 0) {
      const bool all = found.separated == found.records;
      return {.kind = all ? Separation::Kind::complete : Separation::Kind::partial,
              .separated = found.separated,
              .records = found.records,
              .direction = direction};
    }
    // no record minds this direction: features that say the same
    basis = without(basis, basis.transpose() * flat);
  }
  return {.kind = Separation::Kind::unknown};
}

std::string sentence_of(const Separation& separation) {
  const std::string which =
      separation.kind == Separation::Kind::complete
          ? fmt::format("the features separate the classes of all {:.0f} records", separation.records)
          : fmt::format(
                "the features separate the classes of {:.0f} of {:.0f} records, and set no other back",
                separation.separated, separation.records);
  return which + ": the likelihood has no maximum, and how large coefficients are follows from the prior";
}

}  // namespace jensen::advi
