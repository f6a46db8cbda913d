#include "jensen/models/advi/targets/factor_analysis.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <cmath>
#include <numbers>

#include "data_scale.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "priors.hpp"

namespace jensen::advi {
namespace {

constexpr double kMostRounding = 1e-4;  // nats per record
constexpr double kFirstLoading = 0.1;   // off the diagonal, in units of it

/// All that a normal log-likelihood needs of a block's records.
struct Moments {
  double weight = 0;
  Vector mean;     // D
  Matrix scatter;  // D x D, about the mean

  explicit Moments(const DenseBlock& block)
      : mean(Vector::Zero(block.features())), scatter(Matrix::Zero(block.features(), block.features())) {
    Matrix centred(block.features(), block.rows());  // records of weight above 0
    Vector weights(block.rows());
    Index count = 0;
    for (Index n = 0; n < block.rows(); ++n) {
      if (block.weight(n) == 0) continue;
      weights[count] = block.weight(n);
      centred.col(count++) = block.records.row(n).transpose();
    }
    if (count == 0) return;
    weight = weights.head(count).sum();
    mean = centred.leftCols(count) * weights.head(count) / weight;
    centred.leftCols(count).colwise() -= mean;
    const Matrix weighted = centred.leftCols(count) * weights.head(count).asDiagonal();
    scatter.noalias() = weighted * centred.leftCols(count).transpose();
  }
};

/// sum_n w_n log N(x_n; mu, C), C = W W' + Psi, and what its gradient is made of, by Woodbury's identity with
/// M = 1 + W' Psi^-1 W: C^-1 = Psi^-1 - Psi^-1 W M^-1 W' Psi^-1.
struct FactorDensity {
  Vector precision;      // D: 1 / Psi
  Matrix scaled;         // A = Psi^-1 W, D x R
  Eigen::LLT<Matrix> m;  // of M
  Matrix solved;         // F = A M^-1 = C^-1 W

  FactorDensity(const Matrix& loadings, const Vector& noise)
      : precision(noise.cwiseInverse()), scaled(precision.asDiagonal() * loadings) {
    m.compute(Matrix::Identity(loadings.cols(), loadings.cols()) + loadings.transpose() * scaled);
    solved = m.solve(scaled.transpose()).transpose();
  }

  Vector solve(const Vector& x) const {
    return precision.cwiseProduct(x) - solved * (scaled.transpose() * x);
  }

  /// log det C.
  double log_determinant() const {
    const Matrix factor = m.matrixL();
    return 2 * factor.diagonal().array().log().sum() - precision.array().log().sum();
  }

  /// x' C^-1 x of each column x, by the factors f = M^-1 A' x: (x - W f)' Psi^-1 (x - W f) + f' f, without
  /// cancellation.
  Vector squares(const Matrix& x) const {
    const Matrix f = m.solve(scaled.transpose() * x);
    const Matrix residual = precision.asDiagonal() * x - scaled * f;  // Psi^-1 (x - W f)
    const Matrix terms = precision.cwiseInverse().asDiagonal() * residual.cwiseAbs2();
    return (terms.colwise().sum() + f.colwise().squaredNorm()).transpose();
  }

  /// tr(C^-1 S), S A being `product`; NaN where rounding is more than kMostRounding of `weight`.
  double trace(const Matrix& scatter, const Matrix& product, double weight) const {
    const double largest = precision.dot(scatter.diagonal());
    if (largest * std::numeric_limits<double>::epsilon() > kMostRounding * weight)
      return std::numeric_limits<double>::quiet_NaN();
    return largest - solved.cwiseProduct(product).sum();
  }
};

}  // namespace

FactorAnalysis::FactorAnalysis(const FactorSettings& settings) : settings_(settings) {
  require_data_scale(settings.centre, settings.spread);
  if (settings.factors < 1 || settings.factors >= features()) {
    throw UsageError(fmt::format("factors = {} (must be at least 1 and fewer than the {} features)",
                                 settings.factors, features()));
  }
  require_positive("mean-scale", settings.mean_scale);
  require_positive("loading-scale", settings.loading_scale);
  require_positive("noise-deviation", settings.noise_deviation);
  const bool equal = settings.noise == FactorNoise::equal;
  const double common = std::sqrt(settings.spread.squaredNorm() / static_cast<double>(features()));
  noise_spread_ = equal ? Vector::Constant(1, common) : settings.spread;
  parameters_ = {
      {.name = "means", .size = features()},
      {.name = "loadings_triangle", .constraint = Constraint::covariance_cholesky, .size = factors()},
      {.name = "loadings", .size = (features() - factors()) * factors()},
      {.name = "noise_scales", .constraint = Constraint::positive, .size = noise_spread_.size()}};
}

Index FactorAnalysis::place(Index d, Index r) const {
  if (d < factors()) return loadings_at() + d * (d + 1) / 2 + r;
  return loadings_at() + factors() * (factors() + 1) / 2 + (d - factors()) * factors() + r;
}

Index FactorAnalysis::noise_at() const {
  return place(features(), 0);
}

template <class Visit>
void FactorAnalysis::for_each_loading(Visit visit) const {
  for (Index d = 0; d < features(); ++d) {
    for (Index r = 0; r < std::min(d + 1, factors()); ++r) visit(d, r, place(d, r));
  }
}

Matrix FactorAnalysis::loadings(std::span<const double> theta) const {
  Matrix w = Matrix::Zero(features(), factors());
  for_each_loading([&](Index d, Index r, Index i) { w(d, r) = theta[static_cast<std::size_t>(i)]; });
  return w;
}

Vector FactorAnalysis::noise_variances(std::span<const double> theta) const {
  const Eigen::Map<const Vector> scales(theta.data() + noise_at(), noise_spread_.size());
  const Vector variances = scales.array().square();
  return variances.size() == 1 ? Vector::Constant(features(), variances[0]) : variances;
}

Vector FactorAnalysis::start() const {
  Vector theta(size());
  theta.head(features()) = settings_.centre;
  const double loading = std::sqrt(0.5 / static_cast<double>(factors()));
  for_each_loading([&](Index d, Index r, Index i) {
    const double z = Stream(settings_.seed, Purpose::seeding, d, static_cast<std::uint64_t>(r)).normal();
    theta[i] = settings_.spread[d] * loading * (d == r ? 1 : kFirstLoading * z);
  });
  theta.tail(noise_spread_.size()) = std::sqrt(0.5) * noise_spread_;
  // all constraints are positive or none: as many zeta as theta
  for_each_loading([&](Index d, Index r, Index i) {
    if (d == r) theta[i] = std::log(theta[i]);
  });
  theta.tail(noise_spread_.size()) = theta.tail(noise_spread_.size()).array().log();
  return theta;
}

std::vector<std::string> FactorAnalysis::reported_names() const {
  std::vector<std::string> names = Target::reported_names();
  for (Index d = 0; d < features(); ++d) names[static_cast<std::size_t>(d)] = fmt::format("means[{}]", d);
  for_each_loading([&](Index d, Index r, Index i) {
    names[static_cast<std::size_t>(i)] = fmt::format("loadings[{},{}]", d, r);
  });
  return names;
}

double FactorAnalysis::log_prior(std::span<const double> theta, std::span<double> gradient) const {
  double sum = 0;
  const auto add = [&](Index i, auto density) {
    sum += density(theta[static_cast<std::size_t>(i)], gradient[static_cast<std::size_t>(i)]);
  };
  for (Index d = 0; d < features(); ++d) {
    add(d, [&](double x, double& slope) {
      return normal(x, settings_.centre[d], settings_.mean_scale * settings_.spread[d], slope);
    });
  }
  for_each_loading([&](Index d, Index r, Index i) {
    const double scale = settings_.loading_scale * settings_.spread[d];
    add(i, [&](double x, double& slope) {
      return d == r ? scaled_chi(x, scale, static_cast<double>(factors() - d), slope)
                    : normal(x, 0, scale, slope);
    });
  });
  for (Index i = 0; i < noise_spread_.size(); ++i) {
    add(noise_at() + i, [&](double x, double& slope) {
      return log_normal(x, noise_spread_[i], settings_.noise_deviation, slope);
    });
  }
  return sum;
}

void FactorAnalysis::add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                                        Points* gradients) const {
  const Moments moments(block.features);
  const double weight = moments.weight;
  if (weight == 0) return;
  std::vector<double> point(static_cast<std::size_t>(size()));
  for (Index s = 0; s < theta.count(); ++s) {
    theta.get_point(s, point);
    const Matrix w = loadings(point);
    const Vector noise = noise_variances(point);
    const FactorDensity density(w, noise);
    const Vector offset = moments.mean - Eigen::Map<const Vector>(point.data(), features());
    const Matrix scatter = moments.scatter + weight * offset * offset.transpose();
    const Matrix product = scatter * density.scaled;  // S A
    const double constant = static_cast<double>(features()) * std::log(2 * std::numbers::pi);
    values(0, s) -=
        0.5 * (weight * (constant + density.log_determinant()) + density.trace(scatter, product, weight));
    if (gradients == nullptr) continue;

    // With G = C^-1 S C^-1 - weight C^-1: d/dW = G W, d/dPsi = diag(G) / 2.
    const Vector of_mean = weight * density.solve(offset);
    for (Index d = 0; d < features(); ++d) (*gradients)(d, s) += of_mean[d];
    const Matrix product_solved = density.m.solve(product.transpose()).transpose();  // S F
    const Matrix inner = density.scaled.transpose() * product;                       // A' S A
    const Matrix of_w = density.precision.asDiagonal() * product_solved -
                        density.solved * (density.scaled.transpose() * product_solved) -
                        weight * density.solved;
    for_each_loading([&](Index d, Index r, Index i) { (*gradients)(i, s) += of_w(d, r); });
    const Matrix back = density.solved * inner;  // F A' S A
    for (Index d = 0; d < features(); ++d) {
      const double p = density.precision[d];
      const double of_cross = density.solved.row(d).dot(product.row(d));  // (S A F')_dd
      const double of_inner = density.solved.row(d).dot(back.row(d));
      const double inverse = p - density.solved.row(d).dot(density.scaled.row(d));
      const double of_variance =
          0.5 * (p * p * scatter(d, d) - 2 * p * of_cross + of_inner - weight * inverse);
      const Index i = noise_at() + (noise_spread_.size() == 1 ? 0 : d);
      (*gradients)(i, s) += 2 * std::sqrt(noise[d]) * of_variance;
    }
  }
}

void FactorAnalysis::record_log_likelihoods(const Points& theta, const ResponseBlock& block,
                                            Points& values) const {
  std::vector<double> point(static_cast<std::size_t>(size()));
  for (Index s = 0; s < theta.count(); ++s) {
    theta.get_point(s, point);
    const FactorDensity density(loadings(point), noise_variances(point));
    const double constant =
        static_cast<double>(features()) * std::log(2 * std::numbers::pi) + density.log_determinant();
    Matrix offsets = block.features.records.transpose();
    offsets.colwise() -= Eigen::Map<const Vector>(point.data(), features());
    const Vector squares = density.squares(offsets);
    for (Index n = 0; n < block.rows(); ++n) values(n, s) = -0.5 * (constant + squares[n]);
  }
}

Index FactorAnalysis::draw_record(std::span<const double> theta, Stream& stream,
                                  std::span<double> record) const {
  Vector factor(factors());
  for (double& f : factor) f = stream.normal();
  const Matrix w = loadings(theta);
  const Vector noise = noise_variances(theta).cwiseSqrt();
  for (Index d = 0; d < features(); ++d) {
    double x = theta[static_cast<std::size_t>(d)] + noise[d] * stream.normal();
    for (Index r = 0; r < factors(); ++r) x += w(d, r) * factor[r];
    record[static_cast<std::size_t>(d)] = x;
  }
  return 0;
}

}  // namespace jensen::advi
