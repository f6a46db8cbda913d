#include <catch2/catch.hpp>
#include <functional>

#include "jensen/core/aligned.hpp"
#include "jensen/core/random.hpp"
#include "jensen/models/advi/autodiff.hpp"
#include "support/gradients.hpp"

using namespace jensen;
using advi::Tape;
using advi::Var;
using Eigen::ArrayXd;

namespace {

using Function = std::function<Var(const Var&, const Var&)>;  // of a column of 5 and a single number

struct Formula {
  const char* name;
  Function function;
};

const std::vector<Index> kGroups = {4, 0, 0, 2, 1, 4, 3};

const std::vector<Formula> kFormulas = {
    {"sum", [](const Var& x, const Var&) { return sum(x); }},
    {"arithmetic",
     [](const Var& x, const Var& a) { return sum((x + a) * (x - 2 * a) / (3 + x * x) - (-x)); }},
    {"number over column", [](const Var& x, const Var& a) { return sum(a / (4 + x)) + sum(1 / (5 + x)); }},
    {"column over number", [](const Var& x, const Var& a) { return sum(x / (a + 3)) - a / 7; }},
    {"assignments",
     [](const Var& x, const Var& a) {
       Var y = x;
       y += a;
       y *= x;
       y -= 0.5;
       return dot(y, y);
     }},
    {"exp", [](const Var& x, const Var& a) { return sum(exp(a * x)); }},
    {"expm1", [](const Var& x, const Var& a) { return sum(expm1(a * x)); }},
    {"log", [](const Var& x, const Var& a) { return sum(log(4 + a * x)); }},
    {"log1p", [](const Var& x, const Var& a) { return sum(log1p(square(x) * a * a)); }},
    {"sqrt", [](const Var& x, const Var& a) { return sum(sqrt(4 + a * x)); }},
    {"pow", [](const Var& x, const Var& a) { return sum(pow(4 + a * x, 2.7)); }},
    {"tanh", [](const Var& x, const Var& a) { return sum(tanh(a * x)); }},
    {"inverse_logit", [](const Var& x, const Var& a) { return sum(inverse_logit(a * x)); }},
    {"log1p_exp", [](const Var& x, const Var& a) { return sum(log1p_exp(a * x)); }},
    {"log_add_exp", [](const Var& x, const Var& a) { return sum(log_add_exp(a * x, 2 - x)); }},
    {"log_gamma", [](const Var& x, const Var& a) { return sum(log_gamma(4 + a * x)); }},
    {"log_sum_exp",
     [](const Var& x, const Var& a) {
       const Var terms[] = {x, a, a * x, Var(0.3)};
       return sum(log_sum_exp(terms));
     }},
    {"parts",
     [](const Var& x, const Var& a) {
       return element(x, 3) * element(x, 0) + sum(segment(x, 1, 3) * a) * element(x, 4);
     }},
    {"gather", [](const Var& x, const Var& a) { return sum(square(advi::gather(x, kGroups) - a)); }},
    {"a value used often", [](const Var& x, const Var& a) {
       const Var y = exp(x * a);
       return sum(y * y + y) * sum(y);
     }}};

}  // namespace

TEST_CASE("derivatives of all operations are those of differences", "[advi]") {
  for (const Formula& formula : kFormulas) {
    INFO(formula.name);
    Vector point(6);
    point << 0.3, -1.2, 0.8, 1.9, -0.4, 0.7;  // a column of 5, and a number
    const auto value = [&](const Vector& p) {
      return formula.function(Var(ArrayXd(p.head(5))), Var(p[5])).value();
    };
    Tape tape;
    const Var x = tape.input(point.head(5)), a = tape.input(point.tail(1));
    const Var result = formula.function(x, a);
    REQUIRE(result.size() == 1);
    CHECK(result.value() == value(point));
    tape.differentiate(result);
    Vector gradient(6);
    gradient << tape.derivative(x).matrix(), tape.derivative(a).matrix();
    CHECK(test::gradient_error(gradient, test::differences(value, point)) < 1e-8);
  }
}

TEST_CASE("a product with records has the derivative of its matrix", "[advi]") {
  AlignedVector<double> values(12);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = Stream(1, Purpose::canary, static_cast<Index>(i)).normal();
  const RowMatrixView records(values.data(), 4, 3);
  Tape tape;
  const Var v = tape.input(ArrayXd::LinSpaced(3, -1, 1));
  const Var eta = advi::product(records, v);
  CHECK((eta.values().matrix() - records * v.values().matrix()).norm() == 0);
  tape.differentiate(dot(eta, eta));
  CHECK((tape.derivative(v).matrix() - 2 * records.transpose() * eta.values().matrix()).norm() < 1e-13);
}

TEST_CASE("functions of large numbers neither overflow nor lose their derivatives", "[advi]") {
  Tape tape;
  const Var x = tape.input((ArrayXd(4) << -800, -40, 40, 800).finished());
  const Var y = log1p_exp(x);
  CHECK(y.values()[0] == 0);
  CHECK(y.values()[1] == Approx(std::exp(-40)).epsilon(1e-15));
  CHECK(y.values()[3] == 800);
  tape.differentiate(sum(y));
  CHECK(tape.derivative(x)[0] == 0);
  CHECK(tape.derivative(x)[3] == 1);
}

TEST_CASE("what hangs on no input is a constant and leaves nothing on the tape", "[advi]") {
  Tape tape;
  const Var x = tape.input(ArrayXd::Ones(2));
  const Var constant = exp(Var(ArrayXd::Ones(2))) * 3;
  tape.differentiate(sum(constant));
  CHECK((tape.derivative(x) == 0).all());
}

TEST_CASE("a long chain of operations is differentiated without deep calls", "[advi]") {
  Tape tape;
  const Var x = tape.input(ArrayXd::Constant(1, 1.0));
  Var y = x;
  for (int i = 0; i < 200'000; ++i) y = y * 1.00001;
  tape.differentiate(y);
  CHECK(tape.derivative(x)[0] == Approx(y.value()));
}
