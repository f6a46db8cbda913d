#include <catch2/catch.hpp>

#include "jensen/models/gmm/method.hpp"
#include "support/data.hpp"
#include "support/mixtures.hpp"
#include "support/world.hpp"

using namespace jensen;

namespace {

/// A row of the table computed with R's mclust 6.0.0 from a fixed partition, tolerance 1e-13, no prior.
struct Row {
  const char* family;
  double iris;
  Index iris_parameters;
  double faithful;
  Index faithful_parameters;
};

constexpr Row kTable[] = {
    {"EII", -401.802175789, 15, -1709.681372950, 6},  {"VII", -384.314095061, 17, -1709.529282177, 7},
    {"VVI", -306.860460506, 26, -1147.806352538, 9},  {"EEE", -256.354043126, 24, -1140.186759437, 8},
    {"VVV", -180.185477131, 44, -1130.263960185, 11},
};

const Stopping kToTheEnd{.max_iterations = 5000, .relative_gain = 1e-13};

gmm::Settings settings(const char* family, Index features, Index components) {
  return {.family = &mixture::find_family(family, features), .components = components, .covariance_floor = 0};
}

}  // namespace

TEST_CASE("EM reaches mclust's log-likelihoods from fixed partitions") {
  const RowMatrix iris = test::read_csv("iris.csv"), faithful = test::read_csv("faithful.csv");
  const auto row = GENERATE(from_range(std::begin(kTable), std::end(kTable)));
  INFO(row.family);
  const auto on_iris = test::fit_from_labels({iris, test::world()}, test::world(), test::iris_species(),
                                             settings(row.family, 4, 3), kToTheEnd);
  CHECK(on_iris.log_likelihoods.back() == Approx(row.iris).epsilon(1e-9));
  CHECK(on_iris.model.free_parameters() == row.iris_parameters);
  CHECK(on_iris.result.progress.falls == 0);
  const auto on_faithful =
      test::fit_from_labels({faithful, test::world()}, test::world(), test::faithful_groups(faithful),
                            settings(row.family, 2, 2), kToTheEnd);
  CHECK(on_faithful.log_likelihoods.back() == Approx(row.faithful).epsilon(1e-9));
  CHECK(on_faithful.model.free_parameters() == row.faithful_parameters);
  CHECK(on_faithful.result.progress.falls == 0);
}

TEST_CASE("BIC and AIC are mclust's") {
  const test::Problem iris(test::read_csv("iris.csv"), test::world());
  const auto fit =
      test::fit_from_labels(iris, test::world(), test::iris_species(), settings("VVV", 4, 3), kToTheEnd);
  Document document;
  gmm::Method::evaluate(fit.model, {}, iris.in(fit.model.family().scaling), test::world(), document);
  CHECK(document.number_attribute("/fit", "bic") == Approx(580.838907).epsilon(1e-8));
  CHECK(document.number_attribute("/fit", "aic") == Approx(448.370954).epsilon(1e-8));
}

TEST_CASE("The log-likelihoods of the first E-steps are mclust's") {
  const RowMatrix iris = test::read_csv("iris.csv"), faithful = test::read_csv("faithful.csv");
  const Stopping five{.max_iterations = 5};
  const auto check = [](const test::MixtureFit& fit, const std::vector<double>& expected) {
    REQUIRE(fit.log_likelihoods.size() == expected.size());
    for (std::size_t t = 0; t < expected.size(); ++t) {
      CHECK(fit.log_likelihoods[t] == Approx(expected[t]).epsilon(1e-9));
    }
  };
  check(test::fit_from_labels({iris, test::world()}, test::world(), test::iris_species(),
                              settings("VVV", 4, 3), five),
        {-182.920848605, -182.221738389, -181.728309496, -181.160910750, -180.585892821, -180.308962129});
  check(test::fit_from_labels({iris, test::world()}, test::world(), test::iris_species(),
                              settings("EEE", 4, 3), five),
        {-256.646184255, -256.389665178, -256.358224212, -256.354595307, -256.354140688, -256.354067645});
  check(
      test::fit_from_labels({faithful, test::world()}, test::world(), test::faithful_groups(faithful),
                            settings("VVV", 2, 2), five),
      {-1143.419143697, -1131.529469096, -1130.304062361, -1130.265848277, -1130.264065112, -1130.263966207});
}

TEST_CASE("The fixed point of EM on faithful has mclust's parameters") {
  const RowMatrix faithful = test::read_csv("faithful.csv");
  const test::Problem problem(faithful, test::world());
  const auto fit =
      test::fit_from_labels(problem, test::world(), test::faithful_groups(faithful), settings("VVV", 2, 2),
                            {.max_iterations = 5000, .parameter_change = 1e-12});
  const Transform transform = problem.in(Scaling::per_feature).transform();
  const RowMatrix means = transform.to_original(fit.model.means());
  CHECK(fit.model.weights()[0] == Approx(.355872857106).epsilon(1e-8));
  CHECK(means(0, 0) == Approx(2.03638845462).epsilon(1e-8));
  CHECK(means(0, 1) == Approx(54.47851637697).epsilon(1e-8));
  CHECK(means(1, 0) == Approx(4.28966197310).epsilon(1e-8));
  CHECK(means(1, 1) == Approx(79.96811517386).epsilon(1e-8));
  const auto covariance = [&](Index k, Index i, Index j) {
    return fit.model.covariances().full(k)(i, j) / transform.scale[i] / transform.scale[j];
  };
  CHECK(covariance(0, 0, 0) == Approx(.0691676725593).epsilon(1e-8));
  CHECK(covariance(0, 0, 1) == Approx(.4351676244435).epsilon(1e-8));
  CHECK(covariance(0, 1, 1) == Approx(33.6972820723).epsilon(1e-8));
  CHECK(covariance(1, 0, 0) == Approx(.1699684357471).epsilon(1e-8));
  CHECK(covariance(1, 0, 1) == Approx(.9406093192703).epsilon(1e-8));
  CHECK(covariance(1, 1, 1) == Approx(36.0462113176).epsilon(1e-8));
}

TEST_CASE("Weighted EM agrees with mclust's me.weighted") {
  const RowMatrix iris = test::read_csv("iris.csv");
  std::vector<double> weights(150);
  for (std::size_t n = 0; n < 150; ++n) weights[n] = n % 2 == 0 ? 1.0 : 0.5;
  const test::Problem problem(iris, test::world(), weights);
  const auto fit = test::fit_from_labels(problem, test::world(), test::iris_species(), settings("VVV", 4, 3),
                                         {.max_iterations = 5000, .parameter_change = 1e-12});
  CHECK(fit.log_likelihoods.back() == Approx(-135.251343835).epsilon(1e-9));
  // The reference stopped at a log-likelihood tolerance, which leaves its parameters up to 1e-7 off.
  CHECK(fit.model.weights()[0] == Approx(.333333333).epsilon(2e-7));
  CHECK(fit.model.weights()[1] == Approx(.293133350).epsilon(2e-7));
  CHECK(fit.model.weights()[2] == Approx(.373533317).epsilon(2e-7));
}

TEST_CASE("Spark's one-dimensional data have Spark's mixture") {
  RowMatrix data(15, 1);
  data << -5.1971, -2.5359, -3.8220, -5.2211, -5.0602, 4.7118, 6.8989, 3.4592, 4.6322, 5.7048, 4.6567, 5.5026,
      4.5605, 5.2043, 6.2734;
  std::vector<Index> labels;
  for (Index n = 0; n < 15; ++n) labels.push_back(data(n, 0) < 0 ? 0 : 1);
  const test::Problem problem(data, test::world());
  const auto fit = test::fit_from_labels(problem, test::world(), labels, settings("V", 1, 2), kToTheEnd);
  const Transform transform = problem.in(Scaling::common).transform();
  const RowMatrix means = transform.to_original(fit.model.means());
  CHECK(fit.log_likelihoods.back() == Approx(-30.375478270).epsilon(1e-9));
  CHECK(fit.model.weights()[0] == Approx(1.0 / 3).margin(1e-3));
  CHECK(means(0, 0) == Approx(-4.3673).margin(1e-3));
  CHECK(means(1, 0) == Approx(5.1604).margin(1e-3));
  const double unit = transform.scale[0] * transform.scale[0];
  CHECK(fit.model.covariances().values(0, 0) / unit == Approx(1.1098).margin(1e-3));
  CHECK(fit.model.covariances().values(0, 1) / unit == Approx(.86644).margin(1e-3));
}

TEST_CASE("A mixture of waiting times has mixtools' parameters") {
  const RowMatrix waiting = test::read_csv("faithful.csv").col(1);
  std::vector<Index> labels;
  for (Index n = 0; n < waiting.rows(); ++n) labels.push_back(waiting(n, 0) < 68 ? 0 : 1);
  const test::Problem problem(waiting, test::world());
  const auto fit = test::fit_from_labels(problem, test::world(), labels, settings("VVV", 1, 2),
                                         {.max_iterations = 5000, .parameter_change = 1e-12});
  const Transform transform = problem.in(Scaling::per_feature).transform();
  const RowMatrix means = transform.to_original(fit.model.means());
  CHECK(fit.log_likelihoods.back() == Approx(-1034.001749832).epsilon(1e-9));
  CHECK(means(0, 0) == Approx(54.6148566).epsilon(1e-7));
  CHECK(means(1, 0) == Approx(80.0910697).epsilon(1e-7));
  CHECK(std::sqrt(fit.model.covariances().values(0, 0)) / transform.scale[0] ==
        Approx(5.87121976).epsilon(1e-7));
  CHECK(std::sqrt(fit.model.covariances().values(0, 1)) / transform.scale[0] ==
        Approx(5.86773417).epsilon(1e-7));
  CHECK(fit.model.weights()[0] == Approx(.36088609).epsilon(1e-7));
}
