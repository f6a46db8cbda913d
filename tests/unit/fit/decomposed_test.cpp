#include "jensen/fit/decomposed.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/data/shard.hpp"
#include "jensen/fit/em_model.hpp"
#include "jensen/fit/run.hpp"

using namespace jensen;

namespace {

/// Two coins of unknown bias, one of which, at random, makes all tosses of a record (heads, tails).
struct TwoCoins : EmModel {
  Vector heads = Eigen::Vector2d(.6, .5);

  Sums make_sums() const { return {{2, 2}}; }

  Matrix log_joint(const DenseBlock& block) const {
    Matrix logs(2, 2);
    logs << heads.array().log().matrix().transpose(), (1 - heads.array()).log().matrix().transpose();
    return (block.records * logs).array() - std::log(2);
  }
  void local_step(const DenseBlock& block, Cache&, Sums& sums) const {
    Matrix r = log_joint(block).array().exp();
    const Eigen::ArrayXd density = r.rowwise().sum();
    sums.add_records(block, density.log());
    for (Index k = 0; k < 2; ++k) r.col(k).array() /= density;
    sums[0] += r.transpose() * block.records;
  }
  Change global_step(const Sums& total, Index) {
    const Vector before = heads;
    heads = total[0].col(0).array() / (total[0].col(0) + total[0].col(1)).array();
    return {.largest = (heads - before).cwiseAbs().maxCoeff()};
  }
  void describe(Archive& archive) { archive("heads", heads); }
};
static_assert(JointModel<TwoCoins>);
static_assert(Model<Decomposed<TwoCoins>>);
static_assert(Decomposed<TwoCoins>::kVariational == Variational::posterior);

/// Five times ten tosses (Do and Batzoglou 2008, figure 1).
DenseShard tosses() {
  RowMatrix rows(5, 2);
  rows << 5, 5, 9, 1, 8, 2, 4, 6, 7, 3;
  return make_serial_shard(rows);
}

}  // namespace

TEST_CASE("A model of one's own, without files: the coins of Do and Batzoglou, step by step") {
  Decomposed model{TwoCoins()};
  const FitResult first = fit(model, tosses(), Communicator(), {.stopping = {.max_iterations = 1}});
  CHECK(first.progress.t == 1);
  CHECK(model.model().heads[0] == Approx(.71).margin(.005));
  CHECK(model.model().heads[1] == Approx(.58).margin(.005));

  Decomposed decomposed{TwoCoins()};
  TwoCoins plain;
  const FitPlan plan{.stopping = {.max_iterations = 10}};
  const FitResult result = fit(decomposed, tosses(), Communicator(), plan);
  CHECK(result.progress.objectives == fit(plain, tosses(), Communicator(), plan).progress.objectives);
  CHECK(plain.heads == decomposed.model().heads);
  CHECK(plain.heads[0] == Approx(.80).margin(.005));
  CHECK(plain.heads[1] == Approx(.52).margin(.005));

  Document document;
  decomposed.record_decomposition(tosses(), Communicator(), document);
  const auto values = [&](const char* name) {
    return document.vector(std::string("/fit/decomposition/") + name);
  };
  REQUIRE(values("e_step/elbo").size() == 11);
  CHECK((values("e_step/log_likelihood") - values("e_step/elbo")).lpNorm<Eigen::Infinity>() < 1e-13);
  CHECK((values("m_step/log_likelihood") - values("m_step/elbo") - values("m_step/kl_divergence"))
            .lpNorm<Eigen::Infinity>() < 1e-13);
  CHECK(values("m_step/kl_divergence").minCoeff() > 0);
  CHECK(values("m_step/expected_log_joint_gain").minCoeff() > 0);
}

TEST_CASE("A run goes on with the parameters before the last step: same steps, same bits") {
  const auto steps_of = [](Decomposed<TwoCoins>& model) {
    Document document;
    model.record_decomposition(tosses(), Communicator(), document);
    return document.vector("/fit/decomposition/m_step/kl_divergence");
  };
  Decomposed whole{TwoCoins()};
  fit(whole, tosses(), Communicator(), {.stopping = {.max_iterations = 7}});

  Decomposed begun{TwoCoins()};
  const FitResult half = fit(begun, tosses(), Communicator(), {.stopping = {.max_iterations = 4}});
  Decomposed resumed{TwoCoins()};
  load_state(resumed, save_state(begun));
  const FitResult rest = fit(resumed, tosses(), Communicator(),
                             {.resume_from = half.progress.before_evaluation(),
                              .resume_objective = half.progress.objective(),
                              .stopping = {.max_iterations = 7}});
  CHECK(rest.progress.t == 7);
  CHECK(save_state(resumed) == save_state(whole));
  CHECK(steps_of(resumed) == steps_of(whole));
}

TEST_CASE("A checkpoint without the decomposition is refused, and so is one with it") {
  Decomposed decomposed{TwoCoins()};
  TwoCoins plain;
  const Run run;
  CHECK_THROWS_AS(run.restore(decomposed, save_state(plain)), CheckpointError);
  CHECK_THROWS_AS(run.restore(plain, save_state(decomposed)), CheckpointError);
}
