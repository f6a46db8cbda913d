#include "jensen/models/lda/sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "jensen/core/error.hpp"
#include "jensen/core/poisson_variate.hpp"
#include "jensen/core/random.hpp"

namespace jensen::lda {
namespace {

/// The logarithm of a gamma deviate: of shape + 1 (Marsaglia and Tsang 2000), times u^(1/shape). Small shapes
/// give deviates that are no doubles.
double log_gamma_deviate(Stream& stream, double shape) {
  const double d = shape + 2.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = stream.normal(), root = 1 + c * x;
    if (!(root > 0)) continue;
    const double v = root * root * root;
    if (-stream.exponential() < x * x / 2 + d - d * v + d * std::log(v))
      return std::log(d * v) - stream.exponential() / shape;
  }
}

Vector dirichlet_deviate(Stream& stream, const Vector& concentration) {
  Vector logs(concentration.size());
  for (Index k = 0; k < logs.size(); ++k) logs[k] = log_gamma_deviate(stream, concentration[k]);
  const Vector unscaled = (logs.array() - logs.maxCoeff()).exp();
  return unscaled / unscaled.sum();
}

/// The first entry whose cumulative weight is beyond a share `uniform` of all.
template <class Cumulative>
Index pick(const Cumulative& cumulative, double uniform) {
  const auto size = cumulative.size();
  const double wanted = uniform * cumulative[size - 1];
  const double* const begin = cumulative.data();
  return std::min<Index>(std::upper_bound(begin, begin + size, wanted) - begin, size - 1);
}

}  // namespace

Sampler::Sampler(const LatentDirichletAllocation& model, double mean_length, std::uint64_t seed)
    : seed_(seed), mean_length_(mean_length), alpha_(model.alpha()), cumulative_(model.topic_means()) {
  if (!(mean_length >= 0 && std::isfinite(mean_length))) {
    throw UsageError(fmt::format("the mean length of documents is {} (must be 0 or more)", mean_length));
  }
  for (Index w = 1; w < cumulative_.rows(); ++w) cumulative_.row(w) += cumulative_.row(w - 1);
}

Sampler::Drawn Sampler::draw(Index document) const {
  Stream stream(seed_, Purpose::sampling, document);
  Drawn drawn{.mixture = dirichlet_deviate(stream, alpha_)};
  drawn.mixture.maxCoeff(&drawn.topic);
  Vector mixture = drawn.mixture;
  for (Index k = 1; k < mixture.size(); ++k) mixture[k] += mixture[k - 1];
  std::map<std::int32_t, double> counts;
  for (double left = draw_poisson(stream, mean_length_); left > 0; --left) {
    const Index topic = pick(mixture, stream.uniform());
    counts[static_cast<std::int32_t>(pick(cumulative_.col(topic), stream.uniform()))] += 1;
  }
  for (const auto& [word, count] : counts) {
    drawn.words.push_back(word);
    drawn.counts.push_back(count);
  }
  return drawn;
}

}  // namespace jensen::lda
