#include <algorithm>
#include <cmath>

#include "jensen/core/random.hpp"
#include "jensen/models/lda/concentration.hpp"
#include "jensen/models/lda/lda.hpp"
#include "scalar.hpp"

namespace jensen::lda {
namespace {

/// What a point topic gives a word that it has never had, as lda-c does.
const double kLeastProbability = std::exp(-100.0);

}  // namespace

double Batches::step_size(Index t) const {
  return are_all() ? 1.0 : std::min(std::pow(tau0 + static_cast<double>(t), -kappa), 1.0);
}

bool Batches::contains(Index t, Index document) const {
  const Index batches = count();
  if (batches == 1) return true;
  Stream stream(seed, Purpose::batches, document, static_cast<std::uint64_t>(t / batches));
  return static_cast<Index>(stream.uniform() * static_cast<double>(batches)) == t % batches;
}

/// All documents beside those of a batch.
double LatentDirichletAllocation::scale_of(const Sums& total) const {
  const Batches& batches = settings_.batches;
  if (batches.are_all() || !(total.records() > 0)) return 1;
  return static_cast<double>(batches.documents) / total.records();
}

Change LatentDirichletAllocation::global_step(const Sums& total, Index t) {
  Change change{.provisional = !settings_.batches.are_all()};  // an estimate of the ELBO tells no gain
  if (!(total.records() > 0)) return change;                   // a batch without a document
  const double scale = scale_of(total), step_size = settings_.batches.step_size(t);
  update_topics(total, scale, step_size, change);
  if (settings_.learn_alpha != Learning::fixed) update_alpha(total, scale, step_size);
  if (settings_.learn_eta != Learning::fixed && settings_.kind == TopicKind::dirichlet) update_eta(step_size);
  return change;
}

std::vector<Repair> LatentDirichletAllocation::label_step(const Sums& total) {
  Change change;
  update_topics(total, 1, 1, change);
  return change.repairs;
}

void LatentDirichletAllocation::update_topics(const Sums& total, double scale, double step_size,
                                              Change& change) {
  const bool points = settings_.kind == TopicKind::point;
  Vector counts = Vector::Zero(topics()), before = counts, after = counts;
  for (Index w = 0; w < words(); ++w) {
    const auto row = total.row(w);
    for (Index k = 0; k < topics(); ++k) {
      counts[k] += row[static_cast<std::size_t>(k)];
      before[k] += topic_word_(w, k);
    }
  }
  for (Index k = 0; points && step_size == 1 && k < topics(); ++k) {
    if (!(counts[k] > 0)) change.repairs.push_back({k, "topic without a token made uniform"});
  }
  const auto target = [&](Index w, Index k, double count, double mean) {
    if (!points) return eta_of(w) + scale * count;
    if (!(counts[k] > 0)) return step_size == 1 ? 1 / static_cast<double>(words()) : mean;
    return count > 0 ? count / counts[k] : kLeastProbability;
  };
  const double kept = 1 - step_size;  // 0 leaves no trace of what was before
  after = kept * before;
  const double of_eta = total_eta();
  for (Index k = 0; k < topics(); ++k) after[k] += step_size * (points ? 1.0 : of_eta + scale * counts[k]);
  for (Index w = 0; w < words(); ++w) {
    const auto row = total.row(w);
    for (Index k = 0; k < topics(); ++k) {
      double& own = topic_word_(w, k);
      const double mean = own / before[k];
      own = kept * own + step_size * target(w, k, row[static_cast<std::size_t>(k)], mean);
      change.largest = std::max(change.largest, std::abs(own / after[k] - mean));
    }
  }
  sizes_ = kept * sizes_ + step_size * scale * counts;
}

void LatentDirichletAllocation::update_alpha(const Sums& total, double scale, double step_size) {
  const auto sums = total.log_mixtures();
  const Vector log_sums = scale * Eigen::Map<const Vector>(sums.data(), topics());
  const double documents = scale * total.records();
  if (settings_.learn_alpha == Learning::asymmetric) {
    alpha_ = (1 - step_size) * alpha_ + step_size * fit_concentration(alpha_, documents, log_sums);
    return;
  }
  double log_sum = 0;
  for (const double one : log_sums) log_sum += one;
  const double fitted = fit_symmetric_concentration(alpha_[0], topics(), documents, log_sum);
  alpha_.setConstant((1 - step_size) * alpha_[0] + step_size * fitted);
}

/// Of the topics as they are after the step: each is a draw of V numbers.
void LatentDirichletAllocation::update_eta(double step_size) {
  const auto draws = static_cast<double>(topics());
  const RowVector totals = topic_word_.colwise().sum();
  double of_totals = 0;
  for (Index k = 0; k < topics(); ++k) of_totals += digamma(totals[k]);
  Vector log_sums(words());  // over topics: E[log beta_w]
  for (Index w = 0; w < words(); ++w) {
    log_sums[w] = -of_totals;
    for (Index k = 0; k < topics(); ++k) log_sums[w] += digamma(topic_word_(w, k));
  }
  const Vector fitted =
      settings_.learn_eta == Learning::asymmetric
          ? fit_concentration(eta_, draws, log_sums)
          : symmetric(fit_symmetric_concentration(eta_[0], words(), draws, log_sums.sum()), 1);
  eta_ = (1 - step_size) * eta_ + step_size * fitted;
}

}  // namespace jensen::lda
