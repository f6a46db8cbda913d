#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "bench.hpp"
#include "jensen/core/random.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/data/response_shard.hpp"
#include "jensen/models/advi/density.hpp"
#include "jensen/models/advi/targets/factor_analysis.hpp"
#include "jensen/models/advi/targets/mixture.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "openblas.hpp"

namespace bench {
namespace {

using namespace jensen;
using advi::Response;

constexpr Index kClasses = 3, kComponents = 8, kFactors = 3;

const std::map<std::string, Response> kRegressions = {
    {"linear", Response::normal},      {"robust", Response::student},
    {"logistic", Response::bernoulli}, {"softmax", Response::categorical},
    {"poisson", Response::poisson},    {"negative-binomial", Response::negative_binomial},
    {"formulas", Response::bernoulli}};

/// A logistic regression as users write it.
struct Formulas {
  Index features;

  std::vector<advi::ParameterBlock> parameters() const {
    return {{.name = "intercept"}, {.name = "coefficients", .size = features}};
  }
  advi::Var log_prior(advi::Parameters theta) const {
    return -0.5 * (square(theta[0]) + dot(theta[1], theta[1]));
  }
  advi::Var log_likelihood(advi::Parameters theta, const ResponseBlock& block) const {
    const advi::Var y(Eigen::ArrayXd(Eigen::Map<const Eigen::ArrayXd>(block.responses.data(), block.rows())));
    const advi::Var eta = theta[0] + product(block.features.records, theta[1]);
    return y * eta - log1p_exp(eta);
  }
};

std::shared_ptr<const advi::Target> make_target(const std::string& name, Index features) {
  const Vector centre = Vector::Zero(features), spread = Vector::Ones(features);
  if (name == "formulas") return advi::make_target(Formulas{features});
  if (name == "mixture")
    return std::make_shared<advi::Mixture>(
        advi::MixtureSettings{.components = kComponents, .centre = centre, .spread = spread});
  if (name == "ppca" || name == "factor-analysis")
    return std::make_shared<advi::FactorAnalysis>(
        advi::FactorSettings{.factors = kFactors,
                             .noise = name == "ppca" ? advi::FactorNoise::equal : advi::FactorNoise::diagonal,
                             .centre = centre,
                             .spread = spread});
  return std::make_shared<advi::Regression>(
      advi::RegressionSettings{.response = kRegressions.at(name),
                               .classes = kClasses,
                               .prior_scales = Vector::Constant(features, 2.5)},
      features);
}

/// Normal records, and responses that a regression admits: counts are about 2.
ResponseShard make_records(const std::string& target, Index records, Index features) {
  DenseShard shard({records, default_block_rows(records)}, features, DenseShard::Storage::float64, false);
  Stream stream(1, Purpose::sampling, 0);
  const RowMatrix rows = RowMatrix::NullaryExpr(records, features, [&] { return stream.normal(); });
  shard.fill(0, records, rows.data());
  if (!kRegressions.contains(target)) return ResponseShard(shard);
  const Response response = kRegressions.at(target);
  std::vector<double> responses;
  for (Index n = 0; n < records; ++n) {
    const double z = stream.normal();
    if (response == Response::normal || response == Response::student) {
      responses.push_back(z);
    } else if (response == Response::bernoulli) {
      responses.push_back(z > 0 ? 1 : 0);
    } else {
      const double count = std::floor(std::exp(0.5 + 0.7 * z));
      responses.push_back(response == Response::categorical ? std::min(count, kClasses - 1.0) : count);
    }
  }
  return ResponseShard(shard, responses);
}

/// About the target's start.
advi::Points make_points(const advi::Target& target, Index features, Index count) {
  const double spread = 0.3 / std::sqrt(static_cast<double>(features));
  advi::Points points(target.size(), count);
  for (Index s = 0; s < count; ++s) {
    Stream stream(2, Purpose::sampling, s);
    Vector zeta = target.start();
    for (double& z : zeta) z += spread * stream.normal();
    const Vector theta = constrained(target, zeta);
    points.set_point(s, {theta.data(), static_cast<std::size_t>(theta.size())});
  }
  points.pad();
  return points;
}

/// Of the fastest call of those that fit into some time.
template <class Work>
double seconds_of(double time, Work work) {
  double best = std::numeric_limits<double>::infinity();
  for (const Stopwatch all; all.seconds() < time;) {
    const Stopwatch watch;
    work();
    best = std::min(best, watch.seconds());
  }
  return best;
}

/// Seconds of X B and X' G, N x D by D x columns and back, X row-major.
Json products_by_blas(Index records, Index features, Index columns) {
  const OpenBlas* const blas = openblas();
  if (blas == nullptr) return nullptr;
  const auto numbers = [](Index size) { return AlignedVector<double>(static_cast<std::size_t>(size), 0.5); };
  const AlignedVector<double> x = numbers(records * features), b = numbers(features * columns);
  AlignedVector<double> eta = numbers(records * columns), gradient = b;
  const int n = static_cast<int>(records), d = static_cast<int>(features), s = static_cast<int>(columns);
  constexpr int kRows = OpenBlas::kRowMajor, kAsIs = OpenBlas::kAsIs, kTransposed = OpenBlas::kTransposed;
  return seconds_of(0.03, [&] {
    if (s == 1) {
      blas->dgemv(kRows, kAsIs, n, d, 1, x.data(), d, b.data(), 1, 0, eta.data(), 1);
      blas->dgemv(kRows, kTransposed, n, d, 1, x.data(), d, eta.data(), 1, 0, gradient.data(), 1);
    } else {
      blas->dgemm(kRows, kAsIs, kAsIs, n, s, d, 1, x.data(), d, b.data(), s, 0, eta.data(), s);
      blas->dgemm(kRows, kTransposed, kAsIs, d, s, n, 1, x.data(), d, eta.data(), s, 0, gradient.data(), s);
    }
  });
}

}  // namespace

Json product_rate(Index order) {
  const Matrix a = Matrix::Constant(order, order, 1.1), b = a;
  Matrix c = Matrix::Zero(order, order);
  double seconds = seconds_of(0.1, [&] { c.noalias() = a * b; });
  if (const OpenBlas* const blas = openblas()) {
    const int n = static_cast<int>(order);
    const auto product = [&] {
      blas->dgemm(OpenBlas::kColumnMajor, OpenBlas::kAsIs, OpenBlas::kAsIs, n, n, n, 1, a.data(), n, b.data(),
                  n, 0, c.data(), n);
    };
    seconds = std::min(seconds, seconds_of(0.1, product));
  }
  const auto size = static_cast<double>(order);
  return {{"gflops", 2e-9 * size * size * size / seconds}};
}

Json gradient(const Json& request) {
  const std::string name = request.at("target");
  const Index records = request.at("records"), features = request.at("features"),
              count = request.at("points");
  const auto target = make_target(name, features);
  const ResponseShard shard = make_records(name, records, features);
  const advi::Points theta = make_points(*target, features, count);
  advi::Points values(1, count), gradients(target->size(), count);
  ResponseShard::Buffer buffer;
  double block_seconds = std::numeric_limits<double>::infinity(), seconds = block_seconds;
  for (const Stopwatch all; all.seconds() < 0.05;) {
    double of_blocks = 0, of_gradients = 0;
    for (Index i = 0; i < shard.block_count(); ++i) {
      const Stopwatch watch;
      const ResponseBlock block = shard.block(i, buffer);
      const double prepared = watch.seconds();
      target->add_log_likelihood(theta, block, values, &gradients);
      of_blocks += prepared, of_gradients += watch.seconds() - prepared;
    }
    block_seconds = std::min(block_seconds, of_blocks), seconds = std::min(seconds, of_gradients);
  }
  if (!std::isfinite(values(0, 0))) throw std::runtime_error("the log-likelihood is not finite");
  const Index predictors = name == "softmax" ? kClasses - 1 : 1;
  return {{"predictors", predictors},
          {"seconds", seconds},
          {"block_seconds", block_seconds},
          {"products",
           kRegressions.contains(name) ? products_by_blas(records, features, predictors * count) : Json()}};
}

}  // namespace bench
