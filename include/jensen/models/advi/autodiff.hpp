#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "jensen/core/types.hpp"

/// Reverse-mode automatic differentiation over whole columns: a node of the tape is one operation on all
/// records of a block, so that its cost is that of the arithmetic (Griewank and Walther 2008, chapter 3).
namespace jensen::advi {

class Tape;

/// A column of numbers, one for each record of a block, or a single number, which goes with every record.
/// Operations on what hangs on a tape's inputs are recorded there; on constants they are mere arithmetic.
class Var {
 public:
  Var(double value);  // NOLINT(google-explicit-constructor): so that numbers and columns mix
  explicit Var(Eigen::ArrayXd values);

  Index size() const { return values_->size(); }
  const Eigen::ArrayXd& values() const { return *values_; }
  /// Of a single number.
  double value() const { return (*values_)[0]; }

  Var& operator+=(const Var& other);
  Var& operator-=(const Var& other);
  Var& operator*=(const Var& other);

 private:
  friend class Tape;
  friend Tape* tape_of(std::initializer_list<const Var*> operands);

  std::shared_ptr<const Eigen::ArrayXd> values_;
  Tape* tape_ = nullptr;  // none: a constant
  std::size_t node_ = 0;
};

/// What was computed from its inputs, in order.
class Tape {
 public:
  Tape() = default;
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  Var input(Eigen::ArrayXd values);
  /// `backward(adjoint)` hands the derivative of the output with respect to these values on to the operands.
  Var record(Eigen::ArrayXd values, std::function<void(const Eigen::ArrayXd&)> backward);
  /// Adds to the derivative of the output with respect to `var`; nothing for constants. A column's
  /// derivatives with respect to a single number are summed.
  template <class Derivative>
  void add(const Var& var, const Derivative& derivative) {
    if (var.tape_ != this) return;
    Eigen::ArrayXd& adjoint = adjoint_of(var);
    if (adjoint.size() == derivative.size()) {
      adjoint += derivative;
    } else {
      adjoint[0] += derivative.sum();
    }
  }

  /// The derivatives of `output`, a single number, with respect to all that led to it; once.
  void differentiate(const Var& output);
  /// With respect to an input.
  const Eigen::ArrayXd& derivative(const Var& input) { return adjoint_of(input); }

 private:
  struct Node {
    Index size = 1;
    std::function<void(const Eigen::ArrayXd&)> backward = {};
    Eigen::ArrayXd adjoint = {};
  };

  Eigen::ArrayXd& adjoint_of(const Var& var);

  std::vector<Node> nodes_;
};

Var operator-(const Var& x);
Var operator+(const Var& x, const Var& y);
Var operator-(const Var& x, const Var& y);
Var operator*(const Var& x, const Var& y);
Var operator/(const Var& x, const Var& y);

Var exp(const Var& x);
Var expm1(const Var& x);
Var log(const Var& x);
Var log1p(const Var& x);
Var sqrt(const Var& x);
Var square(const Var& x);
Var pow(const Var& x, double exponent);
Var tanh(const Var& x);
Var inverse_logit(const Var& x);
/// log(1 + exp(x)), without overflow.
Var log1p_exp(const Var& x);
/// log(exp(x) + exp(y)), without overflow.
Var log_add_exp(const Var& x, const Var& y);
Var log_gamma(const Var& x);

/// Per record log(sum_k exp(x_k)), without overflow. At least one x.
Var log_sum_exp(std::span<const Var> x);

/// The sum of a column's numbers.
Var sum(const Var& x);
/// Sum of x_i y_i.
Var dot(const Var& x, const Var& y);
/// The i-th number.
Var element(const Var& x, Index i);
/// Numbers first ... first + count - 1.
Var segment(const Var& x, Index first, Index count);
/// x[index_n] for each record n: the effect of its group.
Var gather(const Var& x, std::span<const Index> index);
/// X v for the records of a block, X: B x D.
Var product(const RowMatrixView& x, const Var& v);

}  // namespace jensen::advi
