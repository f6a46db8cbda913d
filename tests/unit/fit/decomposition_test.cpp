#include "jensen/fit/decomposition.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"

using namespace jensen;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Rows of log joint densities whose exponentials are these.
Matrix logs(std::initializer_list<std::initializer_list<double>> joint) {
  Matrix values(static_cast<Index>(joint.size()), static_cast<Index>(joint.begin()->size()));
  Index n = 0;
  for (const auto& row : joint) {
    Index k = 0;
    for (const double value : row) values(n, k++) = std::log(value);
    ++n;
  }
  return values;
}

void require_identity(const Decomposition& parts) {
  CHECK(parts.log_likelihood == Approx(parts.elbo() + parts.kl_divergence).epsilon(1e-14));
}

/// A trace that has taken the steps of this many passes.
EmStepTrace trace_of(int passes) {
  EmStepTrace trace;
  for (int t = 0; t < passes; ++t) {
    EmSteps steps;
    steps.e_step.log_likelihood = 0.1 + t;
    steps.log_likelihood_gain = 1 / (3.0 + t);
    trace.add(steps, t % 2 == 0);
  }
  return trace;
}

}  // namespace

TEST_CASE("Two coins: the parts of an E-step and an M-step by hand") {
  // q_{t-1} = (.7, .3), and the posterior at the new parameters is (.5, .5): KL is that of the two coins.
  const Matrix before = logs({{.07, .03}}), now = logs({{.2, .2}});
  const EmSteps steps = em_steps(std::vector{1.0}, before, now, Variational::posterior);
  CHECK(steps.m_step.kl_divergence == Approx(.0822828785).epsilon(1e-9));
  CHECK(steps.m_step.entropy == Approx(-.7 * std::log(.7) - .3 * std::log(.3)).epsilon(1e-15));
  CHECK(steps.m_step.expected_log_joint == Approx(std::log(.2)).epsilon(1e-15));
  CHECK(steps.m_step.log_likelihood == Approx(std::log(.4)).epsilon(1e-15));
  CHECK(steps.log_likelihood_gain == Approx(std::log(4)).epsilon(1e-15));
  CHECK(steps.expected_log_joint_gain ==
        Approx(.7 * std::log(.2 / .07) + .3 * std::log(.2 / .03)).epsilon(1e-15));
  CHECK(steps.log_likelihood_gain ==
        Approx(steps.expected_log_joint_gain + steps.m_step.kl_divergence).epsilon(1e-14));
  CHECK(steps.e_step.kl_divergence == 0);
  CHECK(steps.e_step.entropy == Approx(std::log(2)).epsilon(1e-15));
  require_identity(steps.e_step);
  require_identity(steps.m_step);
}

TEST_CASE("KL between posteriors that hardly differ keeps its digits") {
  for (const double h : {1e-3, 1e-5, 1e-7}) {
    const EmSteps steps =
        em_steps(std::vector{1.0}, logs({{.5, .5}}), logs({{.5 + h, .5 - h}}), Variational::posterior);
    CHECK(steps.m_step.kl_divergence == Approx(-.5 * std::log1p(-4 * h * h)).epsilon(1e-8));
  }
}

TEST_CASE("A point mass: KL is -ln of the chosen posterior, and ties go to the lowest component") {
  const EmSteps steps =
      em_steps(std::vector{2.0}, logs({{.3, .1, .3}}), logs({{.1, .2, .5}}), Variational::point_mass);
  CHECK(steps.e_step.kl_divergence == Approx(-2 * std::log(.5 / .8)).epsilon(1e-14));
  CHECK(steps.e_step.expected_log_joint == Approx(2 * std::log(.5)).epsilon(1e-15));
  CHECK(steps.e_step.entropy == 0);
  CHECK(steps.m_step.kl_divergence == Approx(-2 * std::log(.1 / .8)).epsilon(1e-14));
  CHECK(steps.expected_log_joint_gain == Approx(2 * std::log(.1 / .3)).epsilon(1e-14));
  require_identity(steps.e_step);
  require_identity(steps.m_step);
}

TEST_CASE("Records without weight are absent, whatever their densities") {
  Matrix now = logs({{.3, .1}, {.2, .2}});
  now.row(0).setConstant(kNan);
  const EmSteps steps = em_steps(std::vector{0.0, 3.0}, now, now, Variational::posterior);
  CHECK(steps.e_step.log_likelihood == Approx(3 * std::log(.4)).epsilon(1e-15));
  CHECK(steps.log_likelihood_gain == 0);
  CHECK(steps.expected_log_joint_gain == 0);
  CHECK(steps.m_step.kl_divergence == 0);
  const EmSteps none = em_steps({}, Matrix(0, 2), Matrix(0, 2), Variational::posterior);
  CHECK(none.e_step.log_likelihood == 0);
}

TEST_CASE("Components of density zero: none of q, or an infinite KL where q has mass") {
  Matrix none = logs({{.3, .1}});
  none(0, 1) = -kInfinity;
  const EmSteps vanished = em_steps(std::vector{1.0}, none, logs({{.3, .1}}), Variational::posterior);
  CHECK(vanished.e_step.log_likelihood == Approx(std::log(.4)));
  CHECK(vanished.m_step.kl_divergence == Approx(-std::log(.75)).epsilon(1e-14));
  CHECK(vanished.m_step.entropy == 0);
  CHECK(vanished.expected_log_joint_gain == 0);
  require_identity(vanished.m_step);
  const EmSteps died = em_steps(std::vector{1.0}, logs({{.3, .1}}), none, Variational::posterior);
  CHECK(died.m_step.kl_divergence == kInfinity);
  CHECK(died.e_step.entropy == 0);
  CHECK(died.e_step.elbo() == Approx(std::log(.3)).epsilon(1e-15));
}

TEST_CASE("Far tails overflow nothing: a component may go from nothing to everything") {
  Matrix before(1, 2), now(1, 2);
  before << 0, -745.1;  // the smallest that is not 0
  now << -900, 0;
  const EmSteps steps = em_steps(std::vector{1.0}, before, now, Variational::posterior);
  CHECK(steps.m_step.kl_divergence == Approx(900).epsilon(1e-13));
  CHECK(steps.log_likelihood_gain == 0);
  require_identity(steps.m_step);
}

TEST_CASE("One component: q is certain and KL zero") {
  const EmSteps steps =
      em_steps(std::vector{1.0, 1.0}, logs({{.2}, {.5}}), logs({{.3}, {.6}}), Variational::posterior);
  CHECK(steps.m_step.kl_divergence == 0);
  CHECK(steps.e_step.entropy == 0);
  CHECK(steps.log_likelihood_gain == steps.expected_log_joint_gain);
}

TEST_CASE("A trace goes through a checkpoint to the same bits, whatever was there before") {
  for (const int passes : {0, 1, 5}) {
    EmStepTrace trace = trace_of(passes), other = trace_of(3);
    const State state = save_state(trace);
    load_state(other, state);
    CHECK(save_state(other) == state);
  }
  EmStepTrace trace = trace_of(2);
  State state = save_state(trace);
  state.integers["decomposition_steps"] = {-1};
  CHECK_THROWS_AS(load_state(trace, state), InputError);
  state.integers["decomposition_steps"] = {1};
  CHECK_THROWS_AS(load_state(trace, state), InputError);
}

TEST_CASE("What is written is in the data's units: log p, ELBO and Q are shifted, all else is not") {
  EmStepTrace trace;
  EmSteps first, last;
  first.e_step = {.log_likelihood = -10, .expected_log_joint = -12, .entropy = 2};
  last.e_step = {.log_likelihood = -7, .expected_log_joint = -8, .entropy = 1};
  last.m_step = {.log_likelihood = -7, .expected_log_joint = -9.5, .entropy = 2, .kl_divergence = .5};
  last.log_likelihood_gain = 3;
  last.expected_log_joint_gain = 2.5;
  trace.add(first, true);
  Document document;
  trace.record(last, Variational::posterior, {.offset_per_weight = 100}, 2, document);
  const auto values = [&](const std::string& name) { return document.vector("/fit/decomposition/" + name); };
  CHECK(values("e_step/log_likelihood") == Vector(Eigen::Vector2d(190, 193)));
  CHECK(values("e_step/elbo") == Vector(Eigen::Vector2d(190, 193)));
  CHECK(values("e_step/expected_log_joint") == Vector(Eigen::Vector2d(188, 192)));
  CHECK(values("e_step/entropy") == Vector(Eigen::Vector2d(2, 1)));
  CHECK(values("m_step/log_likelihood") == Vector::Constant(1, 193));
  CHECK(values("m_step/elbo") == Vector::Constant(1, 192.5));
  CHECK(values("m_step/kl_divergence") == Vector::Constant(1, .5));
  CHECK(values("m_step/log_likelihood_gain") == Vector::Constant(1, 3));
  CHECK(values("m_step/expected_log_joint_gain") == Vector::Constant(1, 2.5));
  CHECK(values("m_step/kl_divergence_gain") == Vector::Constant(1, .5));
  CHECK(std::get<std::vector<std::int64_t>>(document.array("/fit/decomposition/m_step/exempt").values) ==
        std::vector<std::int64_t>{1});
  CHECK(document.text_attribute("/fit/decomposition", "units") == "nats");
}
