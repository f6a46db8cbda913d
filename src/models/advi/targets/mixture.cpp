#include "jensen/models/advi/targets/mixture.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "data_scale.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "priors.hpp"
#include "sum_of_logs.hpp"

namespace jensen::advi {
namespace {

constexpr Index kLanes = simd::kLanes<double>;

/// K components at 8 points, a lane each, and what the records of a block say of them.
class Components {
 public:
  Components(const Points& theta, Index lane, Index components, Index features)
      : components_(components),
        features_(features),
        numbers_(components * features),
        room_(static_cast<std::size_t>((5 * numbers_ + 3 * components) * kLanes), 0.0) {
    for (Index k = 0; k < components_; ++k) {
      const Doubles weight = simd::load(theta.row(k) + lane);
      Doubles constant =
          simd::log(weight) - 0.5 * std::log(2 * std::numbers::pi) * static_cast<double>(features);
      for (Index i = k * features; i < (k + 1) * features; ++i) {
        const Doubles scale = simd::load(theta.row(components + numbers_ + i) + lane);
        set(means(i), simd::load(theta.row(components + i) + lane));
        set(inverses(i), 1.0 / scale);
        constant -= simd::log(scale);
      }
      set(constants(k), constant);
    }
  }

  /// log p(x) = log_scale + log(total).
  struct Density {
    Doubles log_scale, total;
  };
  Density density(const double* x) {
    Doubles largest = -std::numeric_limits<double>::infinity(), total = 0.0;
    for (Index k = 0; k < components_; ++k) {
      Doubles square = 0.0;
      for (Index d = 0, i = k * features_; d < features_; ++d, ++i) {
        const Doubles z = (x[d] - get(means(i))) * get(inverses(i));
        set(distances(i), z);
        square = simd::fma(z, z, square);
      }
      const Doubles joint = get(constants(k)) - 0.5 * square;
      set(joints(k), joint);
      largest = simd::max(largest, joint);
    }
    for (Index k = 0; k < components_; ++k) {
      const Doubles one = simd::exp_of_negative(get(joints(k)) - largest);
      set(joints(k), one);
      total += one;
    }
    return {largest, total};
  }
  /// After `density`: a component's part of the total.
  Doubles part(Index k) { return get(joints(k)); }

  /// Adds w log p(x) and, where they are wanted, its responsibilities, and distances and their squares by
  /// these.
  void add_record(const double* x, double weight, bool with_moments) {
    const Density found = density(x);
    value_ += weight * found.log_scale;
    logs_.add(found.total, weight);
    if (with_moments) add_moments(weight / found.total);
  }

  /// Of the records so far.
  Doubles log_likelihood() const { return value_ + logs_.total(); }

  void add_gradient(const Points& theta, Index lane, Points& gradients) {
    const auto add = [&](Index row, const Doubles& slope) {
      double* const to = gradients.row(row) + lane;
      simd::store<double>(simd::load(to) + slope, to);
    };
    for (Index k = 0; k < components_; ++k) {
      add(k, get(sizes(k)) / simd::load(theta.row(k) + lane));
      for (Index i = k * features_; i < (k + 1) * features_; ++i) {
        add(components_ + i, get(firsts(i)) * get(inverses(i)));
        add(components_ + numbers_ + i, (get(seconds(i)) - get(sizes(k))) * get(inverses(i)));
      }
    }
  }

 private:
  void add_moments(const Doubles& scale) {
    for (Index k = 0; k < components_; ++k) {
      const Doubles r = scale * get(joints(k));
      set(sizes(k), get(sizes(k)) + r);
      for (Index i = k * features_; i < (k + 1) * features_; ++i) {
        const Doubles z = get(distances(i)), rz = r * z;
        set(firsts(i), get(firsts(i)) + rz);
        set(seconds(i), simd::fma(rz, z, get(seconds(i))));
      }
    }
  }

  static Doubles get(const double* from) { return simd::load(from); }
  static void set(double* to, const Doubles& values) { simd::store<double>(values, to); }

  double* at(Index i) { return room_.data() + i * kLanes; }
  double* means(Index i) { return at(i); }
  double* inverses(Index i) { return at(numbers_ + i); }
  double* distances(Index i) { return at(2 * numbers_ + i); }
  double* firsts(Index i) { return at(3 * numbers_ + i); }
  double* seconds(Index i) { return at(4 * numbers_ + i); }
  double* constants(Index k) { return at(5 * numbers_ + k); }
  double* joints(Index k) { return at(5 * numbers_ + components_ + k); }
  double* sizes(Index k) { return at(5 * numbers_ + 2 * components_ + k); }

  Index components_, features_, numbers_;
  AlignedVector<double> room_;
  Doubles value_ = 0.0;
  SumOfLogs logs_;
};

}  // namespace

Mixture::Mixture(const MixtureSettings& settings) : settings_(settings) {
  if (settings.components < 1)
    throw UsageError(fmt::format("components = {} (must be at least 1)", settings.components));
  require_data_scale(settings.centre, settings.spread);
  require_positive("concentration", settings.concentration);
  require_positive("mean-scale", settings.mean_scale);
  require_positive("scale-deviation", settings.scale_deviation);
  const Index numbers = components() * features();
  parameters_ = {{.name = "weights", .constraint = Constraint::simplex, .size = components()},
                 {.name = "means", .size = numbers},
                 {.name = "scales", .constraint = Constraint::positive, .size = numbers}};
}

Vector Mixture::start() const {
  const Index count = components();
  Vector zeta = Vector::Zero(count - 1 + 2 * count * features());
  std::vector<Index> order(static_cast<std::size_t>(count));
  for (Index d = 0; d < features(); ++d) {
    Stream stream(settings_.seed, Purpose::seeding, d);
    for (Index k = 0; k < count; ++k) {  // a shuffle, but for the first feature
      const auto j = d == 0 ? k : static_cast<Index>(stream.uniform() * static_cast<double>(k + 1));
      order[static_cast<std::size_t>(k)] = order[static_cast<std::size_t>(j)];
      order[static_cast<std::size_t>(j)] = k;
    }
    for (Index k = 0; k < count; ++k) {
      const auto place = static_cast<double>(2 * order[static_cast<std::size_t>(k)] + 1 - count);
      const double uniform = std::numbers::sqrt3 * place / static_cast<double>(count);  // of variance 1
      const Index i = count - 1 + k * features() + d;
      zeta[i] = settings_.centre[d] + settings_.spread[d] * uniform;
      zeta[i + count * features()] = std::log(settings_.spread[d]);
    }
  }
  return zeta;
}

std::vector<std::string> Mixture::reported_names() const {
  std::vector<std::string> names;
  for (Index k = 0; k < components(); ++k) names.push_back(fmt::format("weights[{}]", k));
  for (const char* const block : {"means", "scales"}) {
    for (Index i = 0; i < components() * features(); ++i)
      names.push_back(fmt::format("{}[{},{}]", block, i / features(), i % features()));
  }
  return names;
}

double Mixture::log_prior(std::span<const double> theta, std::span<double> gradient) const {
  const double alpha = settings_.concentration;
  const auto count = static_cast<double>(components());
  double sum = std::lgamma(count * alpha) - count * std::lgamma(alpha);
  for (std::size_t k = 0; k < static_cast<std::size_t>(components()); ++k) {
    sum += (alpha - 1) * std::log(theta[k]);
    gradient[k] += (alpha - 1) / theta[k];
  }
  for (Index i = 0; i < components() * features(); ++i) {
    const Index d = i % features();
    const auto mean = static_cast<std::size_t>(means_at() + i),
               scale = static_cast<std::size_t>(scales_at() + i);
    sum +=
        normal(theta[mean], settings_.centre[d], settings_.mean_scale * settings_.spread[d], gradient[mean]);
    sum += log_normal(theta[scale], settings_.spread[d], settings_.scale_deviation, gradient[scale]);
  }
  return sum;
}

void Mixture::add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                                 Points* gradients) const {
  for (Index lane = 0; lane < theta.stride(); lane += kLanes) {
    Components at_points(theta, lane, components(), features());
    for (Index n = 0; n < block.rows(); ++n) {
      const double weight = block.weight(n);
      if (weight == 0) continue;
      at_points.add_record(block.features.records.data() + n * features(), weight, gradients != nullptr);
    }
    double* const to = values.row(0) + lane;
    simd::store<double>(simd::load(to) + at_points.log_likelihood(), to);
    if (gradients != nullptr) at_points.add_gradient(theta, lane, *gradients);
  }
}

void Mixture::record_log_likelihoods(const Points& theta, const ResponseBlock& block, Points& values) const {
  for (Index lane = 0; lane < theta.stride(); lane += kLanes) {
    Components at_points(theta, lane, components(), features());
    for (Index n = 0; n < block.rows(); ++n) {
      const double* const record = block.features.records.data() + n * features();
      const auto found = at_points.density(record);
      simd::store<double>(found.log_scale + simd::log(found.total), values.row(n) + lane);
    }
  }
}

void Mixture::predict(const Points& theta, const ResponseBlock& block, Prediction& prediction) const {
  Matrix& shares = prediction.responsibilities;
  shares.setZero(block.rows(), components());
  for (Index lane = 0; lane < theta.stride(); lane += kLanes) {
    Components at_points(theta, lane, components(), features());
    const Index count = std::min(kLanes, theta.count() - lane);
    for (Index n = 0; n < block.rows(); ++n) {
      const Doubles total = at_points.density(block.features.records.data() + n * features()).total;
      for (Index k = 0; k < components(); ++k) {
        const Doubles r = at_points.part(k) / total;
        for (Index s = 0; s < count; ++s) shares(n, k) += r[static_cast<std::size_t>(s)];
      }
    }
  }
  shares /= static_cast<double>(theta.count());
  prediction.labels.resize(static_cast<std::size_t>(block.rows()));
  prediction.values.resize(block.rows(), 1);
  for (Index n = 0; n < block.rows(); ++n)
    prediction.values(n, 0) = 1 - shares.row(n).maxCoeff(&prediction.labels[static_cast<std::size_t>(n)]);
}

std::vector<std::string> Mixture::class_names() const {
  std::vector<std::string> names;
  for (Index k = 0; k < components(); ++k) names.push_back(fmt::format("{}", k));
  return names;
}

Index Mixture::draw_record(std::span<const double> theta, Stream& stream, std::span<double> record) const {
  double left = stream.uniform();
  Index k = 0;
  while (k + 1 < components() && (left -= theta[static_cast<std::size_t>(k)]) >= 0) ++k;
  for (Index d = 0; d < features(); ++d) {
    const Index i = k * features() + d;
    record[static_cast<std::size_t>(d)] = theta[static_cast<std::size_t>(means_at() + i)] +
                                          theta[static_cast<std::size_t>(scales_at() + i)] * stream.normal();
  }
  return k;
}

}  // namespace jensen::advi
