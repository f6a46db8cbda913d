#include "jensen/models/advi/autodiff.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <cmath>

namespace jensen::advi {

using Eigen::ArrayXd;

Var::Var(double value) : values_(std::make_shared<ArrayXd>(ArrayXd::Constant(1, value))) {}
Var::Var(ArrayXd values) : values_(std::make_shared<ArrayXd>(std::move(values))) {}

Var& Var::operator+=(const Var& other) {
  return *this = *this + other;
}
Var& Var::operator-=(const Var& other) {
  return *this = *this - other;
}
Var& Var::operator*=(const Var& other) {
  return *this = *this * other;
}

Var Tape::input(ArrayXd values) {
  return record(std::move(values), {});
}

Var Tape::record(ArrayXd values, std::function<void(const ArrayXd&)> backward) {
  Var var(std::move(values));
  var.tape_ = this;
  var.node_ = nodes_.size();
  nodes_.push_back({.size = var.size(), .backward = std::move(backward)});
  return var;
}

ArrayXd& Tape::adjoint_of(const Var& var) {
  Node& node = nodes_[var.node_];
  if (node.adjoint.size() == 0) node.adjoint = ArrayXd::Zero(node.size);
  return node.adjoint;
}

void Tape::differentiate(const Var& output) {
  if (output.tape_ != this) return;
  adjoint_of(output)[0] = 1;
  for (std::size_t i = output.node_ + 1; i-- > 0;) {
    const Node& node = nodes_[i];
    if (node.backward && node.adjoint.size() > 0) node.backward(node.adjoint);
  }
}

Tape* tape_of(std::initializer_list<const Var*> operands) {
  for (const Var* operand : operands) {
    if (operand->tape_ != nullptr) return operand->tape_;
  }
  return nullptr;
}

namespace {

/// The values, or what they lead to on the tape of the operands, if they hang on one.
template <class Backward>
Var result(std::initializer_list<const Var*> operands, ArrayXd values, Backward backward) {
  Tape* const tape = tape_of(operands);
  if (tape == nullptr) return Var(std::move(values));
  return tape->record(std::move(values), [tape, backward = std::move(backward)](const ArrayXd& adjoint) {
    backward(*tape, adjoint);
  });
}

/// operation(x, y) of two columns, a column and a number, or two numbers.
template <class Operation>
ArrayXd broadcast(const Var& x, const Var& y, Operation operation) {
  if (x.size() == y.size()) return operation(x.values(), y.values());
  if (x.size() == 1) return operation(ArrayXd::Constant(y.size(), x.value()), y.values());
  return operation(x.values(), ArrayXd::Constant(x.size(), y.value()));
}

/// f(x), whose derivative is slope(x, f(x)).
template <class Function, class Slope>
Var apply(const Var& x, Function function, Slope slope) {
  const auto values = std::make_shared<ArrayXd>(function(x.values()));
  return result({&x}, *values, [x, values, slope](Tape& tape, const ArrayXd& adjoint) {
    tape.add(x, (adjoint * slope(x.values(), *values)).eval());
  });
}

}  // namespace

Var operator-(const Var& x) {
  return result({&x}, -x.values(), [x](Tape& tape, const ArrayXd& adjoint) { tape.add(x, -adjoint); });
}

Var operator+(const Var& x, const Var& y) {
  return result({&x, &y}, broadcast(x, y, [](const auto& a, const auto& b) -> ArrayXd { return a + b; }),
                [x, y](Tape& tape, const ArrayXd& adjoint) {
                  tape.add(x, adjoint);
                  tape.add(y, adjoint);
                });
}

Var operator-(const Var& x, const Var& y) {
  return result({&x, &y}, broadcast(x, y, [](const auto& a, const auto& b) -> ArrayXd { return a - b; }),
                [x, y](Tape& tape, const ArrayXd& adjoint) {
                  tape.add(x, adjoint);
                  tape.add(y, -adjoint);
                });
}

Var operator*(const Var& x, const Var& y) {
  const auto times = [](const auto& a, const auto& b) -> ArrayXd { return a * b; };
  return result({&x, &y}, broadcast(x, y, times), [x, y, times](Tape& tape, const ArrayXd& adjoint) {
    tape.add(x, broadcast(Var(adjoint), y, times));
    tape.add(y, broadcast(Var(adjoint), x, times));
  });
}

Var operator/(const Var& x, const Var& y) {
  const auto over = [](const auto& a, const auto& b) -> ArrayXd { return a / b; };
  const auto quotient = std::make_shared<ArrayXd>(broadcast(x, y, over));
  return result({&x, &y}, *quotient, [=](Tape& tape, const ArrayXd& adjoint) {
    const ArrayXd of_x = broadcast(Var(adjoint), y, over);
    tape.add(x, of_x);
    tape.add(y, -(of_x * *quotient).eval());
  });
}

Var exp(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return a.exp(); },
      [](const ArrayXd&, const ArrayXd& y) { return y; });
}

Var expm1(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return a.expm1(); },
      [](const ArrayXd& a, const ArrayXd&) -> ArrayXd { return a.exp(); });
}

Var log(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return a.log(); },
      [](const ArrayXd& a, const ArrayXd&) -> ArrayXd { return a.inverse(); });
}

Var log1p(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return a.log1p(); },
      [](const ArrayXd& a, const ArrayXd&) -> ArrayXd { return (1 + a).inverse(); });
}

Var sqrt(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return a.sqrt(); },
      [](const ArrayXd&, const ArrayXd& y) -> ArrayXd { return 0.5 / y; });
}

Var square(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return a.square(); },
      [](const ArrayXd& a, const ArrayXd&) -> ArrayXd { return 2 * a; });
}

Var pow(const Var& x, double exponent) {
  return apply(
      x, [=](const ArrayXd& a) -> ArrayXd { return a.pow(exponent); },
      [=](const ArrayXd& a, const ArrayXd&) -> ArrayXd { return exponent * a.pow(exponent - 1); });
}

Var tanh(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return a.tanh(); },
      [](const ArrayXd&, const ArrayXd& y) -> ArrayXd { return 1 - y.square(); });
}

Var inverse_logit(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return (1 + (-a).exp()).inverse(); },
      [](const ArrayXd&, const ArrayXd& y) -> ArrayXd { return y * (1 - y); });
}

Var log1p_exp(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return a.max(0.0) + (-a.abs()).exp().log1p(); },
      [](const ArrayXd& a, const ArrayXd&) -> ArrayXd { return (1 + (-a).exp()).inverse(); });
}

Var log_add_exp(const Var& x, const Var& y) {
  const Var both[] = {x, y};
  return log_sum_exp(both);
}

Var log_gamma(const Var& x) {
  return apply(
      x, [](const ArrayXd& a) -> ArrayXd { return a.unaryExpr([](double v) { return std::lgamma(v); }); },
      [](const ArrayXd& a, const ArrayXd&) -> ArrayXd {
        return a.unaryExpr([](double v) { return boost::math::digamma(v); });
      });
}

Var log_sum_exp(std::span<const Var> x) {
  Index size = 1;
  Tape* tape = nullptr;
  for (const Var& term : x) {
    size = std::max(size, term.size());
    if (tape == nullptr) tape = tape_of({&term});
  }
  const auto whole = [size](const Var& term) -> ArrayXd {
    return term.size() == size ? term.values() : ArrayXd::Constant(size, term.value());
  };
  ArrayXd largest = whole(x[0]);
  for (const Var& term : x.subspan(1)) largest = largest.max(whole(term));
  largest = largest.isFinite().select(largest, 0.0);
  ArrayXd total = ArrayXd::Zero(size);
  for (const Var& term : x) total += (whole(term) - largest).exp();
  ArrayXd values = largest + total.log();
  if (tape == nullptr) return Var(std::move(values));
  const std::vector<Var> terms(x.begin(), x.end());
  const auto kept = std::make_shared<ArrayXd>(values);
  return tape->record(std::move(values), [=](const ArrayXd& adjoint) {
    for (const Var& term : terms) tape->add(term, (adjoint * (whole(term) - *kept).exp()).eval());
  });
}

Var sum(const Var& x) {
  return result({&x}, ArrayXd::Constant(1, x.values().sum()), [x](Tape& tape, const ArrayXd& adjoint) {
    tape.add(x, ArrayXd::Constant(x.size(), adjoint[0]));
  });
}

Var dot(const Var& x, const Var& y) {
  return sum(x * y);
}

Var element(const Var& x, Index i) {
  return segment(x, i, 1);
}

Var segment(const Var& x, Index first, Index count) {
  return result({&x}, x.values().segment(first, count), [=](Tape& tape, const ArrayXd& adjoint) {
    ArrayXd whole = ArrayXd::Zero(x.size());
    whole.segment(first, count) = adjoint;
    tape.add(x, whole);
  });
}

Var gather(const Var& x, std::span<const Index> index) {
  const std::vector<Index> of(index.begin(), index.end());
  ArrayXd values(static_cast<Index>(of.size()));
  for (std::size_t n = 0; n < of.size(); ++n) values[static_cast<Index>(n)] = x.values()[of[n]];
  return result({&x}, std::move(values), [x, of](Tape& tape, const ArrayXd& adjoint) {
    ArrayXd whole = ArrayXd::Zero(x.size());
    for (std::size_t n = 0; n < of.size(); ++n) whole[of[n]] += adjoint[static_cast<Index>(n)];
    tape.add(x, whole);
  });
}

Var product(const RowMatrixView& x, const Var& v) {
  ArrayXd values = (x * v.values().matrix()).array();
  return result({&v}, std::move(values), [x, v](Tape& tape, const ArrayXd& adjoint) {
    tape.add(v, (x.transpose() * adjoint.matrix()).array().eval());
  });
}

}  // namespace jensen::advi
