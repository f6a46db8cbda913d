#include "jensen/models/lda/lda.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "jensen/core/error.hpp"
#include "jensen/models/lda/concentration.hpp"
#include "workspace.hpp"

namespace jensen::lda {
namespace {

constexpr Index kAhead = 4;  // rows of sums that are asked for before they are needed

void require_positive(const char* what, double value) {
  if (value > 0 && std::isfinite(value)) return;
  throw UsageError(fmt::format("{} = {} (must be positive and finite)", what, value));
}

}  // namespace

Vector symmetric(double concentration, Index size) {
  return Vector::Constant(size, concentration);
}

void require_valid(const CountBlock& block, Index words) {
  for (Index n = 0; n < block.documents(); ++n) {
    const WordCounts document = block.document(n);
    for (std::size_t i = 0; i < document.words.size(); ++i) {
      const Index word = document.words[i];
      if (word < 0 || word >= words) {
        throw InputError(fmt::format("document {} has word {} (must be 0 to {}: the vocabulary has {} words)",
                                     block.first_document + n, word, words - 1, words));
      }
      const double count = document.counts[i];
      if (!(count > 0 && std::isfinite(count))) {
        throw InputError(fmt::format("document {} has word {} {} times (must be more than 0)",
                                     block.first_document + n, word, count));
      }
    }
  }
}

LatentDirichletAllocation::LatentDirichletAllocation(const Settings& settings, Index words)
    : settings_(settings),
      alpha_(settings.alpha),
      eta_(settings.eta),
      topic_word_(RowMatrix::Ones(words, settings.topics)),
      sizes_(Vector::Zero(settings.topics)),
      word_rows_(std::make_shared<WordRows>()),
      prior_(std::make_shared<MixturePrior>()),
      work_(std::make_shared<DocumentWork>(settings.topics)) {
  if (settings.topics < 1) throw UsageError(fmt::format("topics = {} (must be at least 1)", settings.topics));
  if (words < 1) throw UsageError(fmt::format("the vocabulary has {} words (must be at least 1)", words));
  if (settings.most_sweeps < 1)
    throw UsageError(fmt::format("sweeps = {} (must be at least 1)", settings.most_sweeps));
  if (!(settings.document_tolerance >= 0))
    throw UsageError(fmt::format("document tolerance = {} (must be 0 or more)", settings.document_tolerance));
  if (alpha_.size() != settings.topics) {
    throw UsageError(fmt::format("alpha has {} values (must be 1, or {}: one for each topic)", alpha_.size(),
                                 settings.topics));
  }
  for (const double a : alpha_) require_positive("alpha", a);
  if (eta_.size() != 1 && eta_.size() != words) {
    throw UsageError(
        fmt::format("eta has {} values (must be 1, or {}: one for each word)", eta_.size(), words));
  }
  for (const double e : eta_) require_positive("eta", e);
  if (settings.learn_eta == Learning::asymmetric && eta_.size() == 1) eta_ = symmetric(eta_[0], words);
  const Batches& batches = settings.batches;
  if (batches.batch_documents < 0)
    throw UsageError(fmt::format("batch = {} documents (must be 0 or more)", batches.batch_documents));
  if (!(batches.kappa >= 0 && batches.kappa <= 1))
    throw UsageError(fmt::format("kappa = {} (must be 0 to 1; above 0.5 for convergence)", batches.kappa));
  if (!(batches.tau0 >= 0 && std::isfinite(batches.tau0)))
    throw UsageError(fmt::format("tau0 = {} (must be 0 or more)", batches.tau0));
  if (settings.warm_start && settings.document_step == DocumentStep::sequential)
    throw UsageError("documents start warm only with --document-step block; leave out --warm-documents");
  if (settings.warm_start && !batches.are_all())
    throw UsageError("documents cannot start warm where each iteration looks at others; leave out either");
  if (settings_.kind == TopicKind::point) topic_word_ /= static_cast<double>(words);
}

RowMatrix LatentDirichletAllocation::topic_means() const {
  if (settings_.kind == TopicKind::point) return topic_word_;
  const RowVector totals = topic_word_.colwise().sum();
  return topic_word_.array().rowwise() / totals.array();
}

std::vector<std::pair<Index, double>> LatentDirichletAllocation::top_words(Index topic, Index n) const {
  const Vector column = topic_word_.col(topic);
  std::vector<Index> order(static_cast<std::size_t>(words()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto count = static_cast<std::ptrdiff_t>(std::clamp<Index>(n, 0, words()));
  std::partial_sort(order.begin(), order.begin() + count, order.end(),
                    [&](Index a, Index b) { return column[a] != column[b] ? column[a] > column[b] : a < b; });
  const double total = column.sum();
  std::vector<std::pair<Index, double>> top;
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const Index word = order[static_cast<std::size_t>(i)];
    top.emplace_back(word, column[word] / total);
  }
  return top;
}

void LatentDirichletAllocation::set_topics(const RowMatrix& topic_word) {
  if (topic_word.rows() != words() || topic_word.cols() != topics()) {
    throw InputError(fmt::format("topics are {} x {} (must be {} words x {} topics)", topic_word.rows(),
                                 topic_word.cols(), words(), topics()));
  }
  if (!topic_word.allFinite() || !(topic_word.array() > 0).all())
    throw InputError("topics are not positive and finite everywhere (must be)");
  topic_word_ = topic_word;
  if (settings_.kind == TopicKind::point) {
    const RowVector totals = topic_word.colwise().sum();
    topic_word_.array().rowwise() /= totals.array();
  }
}

void LatentDirichletAllocation::set_alpha(const Vector& alpha) {
  if (alpha.size() != topics() || !alpha.allFinite() || !(alpha.array() > 0).all())
    throw InputError(fmt::format("alpha is not {} positive, finite numbers (must be)", topics()));
  alpha_ = alpha;
}

double LatentDirichletAllocation::total_eta() const {
  return eta_.size() == 1 ? static_cast<double>(words()) * eta_[0] : eta_.sum();
}

void LatentDirichletAllocation::solve(const WordCounts& document, std::span<const double> first_gamma) const {
  const SweepLimits limits{.most = settings_.most_sweeps, .tolerance = settings_.document_tolerance};
  if (settings_.document_step == DocumentStep::sequential) {
    work_->solve_in_sequence(*word_rows_, *prior_, document, limits);
  } else {
    work_->solve_by_block(*word_rows_, *prior_, document, limits, first_gamma);
  }
}

void LatentDirichletAllocation::local_step(const Block& block, Cache& cache, Sums& sums) const {
  lda::require_valid(block, words());
  const DocumentPosterior& posterior = work_->posterior();
  const std::size_t stride = posterior.gamma.size();
  const bool is_warm = !cache.gamma.empty();
  if (settings_.warm_start) cache.gamma.resize(static_cast<std::size_t>(block.documents()) * stride);
  for (Index n = 0; n < block.documents(); ++n) {
    if (!settings_.batches.contains(t_, block.first_document + n)) continue;
    const WordCounts document = block.document(n);
    const auto begin = static_cast<std::size_t>(n) * stride;
    solve(document, is_warm ? std::span(cache.gamma).subspan(begin, stride) : std::span<const double>());
    if (settings_.warm_start) std::copy_n(posterior.gamma.data(), stride, cache.gamma.data() + begin);
    for (Index i = 0; i < document.size(); ++i) {
      if (i + kAhead < document.size()) sums.prefetch(document.words[static_cast<std::size_t>(i + kAhead)]);
      work_->add_expected_counts(i, sums.touch(document.words[static_cast<std::size_t>(i)]));
    }
    const auto log_mixtures = sums.log_mixtures();
    for (std::size_t k = 0; k < log_mixtures.size(); ++k) log_mixtures[k] += posterior.log_theta[k];
    sums.objective() += posterior.bound;
    sums.magnitude() += posterior.magnitude;
    sums.weight() += posterior.tokens;
    sums.records() += 1;
    sums.sweeps() += static_cast<double>(posterior.sweeps);
    if (!posterior.settled) sums.unsettled() += 1;
  }
}

LatentDirichletAllocation::Posterior LatentDirichletAllocation::infer(const WordCounts& document) const {
  solve(document, {});
  const DocumentPosterior& found = work_->posterior();
  return {.gamma = Eigen::Map<const Vector>(found.gamma.data(), topics()),
          .bound = found.bound,
          .tokens = found.tokens,
          .sweeps = found.sweeps};
}

void LatentDirichletAllocation::add_labelled(const WordCounts& document, Index topic, Sums& sums) const {
  for (std::size_t i = 0; i < document.words.size(); ++i) {
    sums.touch(document.words[i])[topic] += document.counts[i];
    sums.weight() += document.counts[i];
  }
  sums.records() += 1;
}

void LatentDirichletAllocation::describe(Archive& archive) {
  archive("topic_word", topic_word_);
  archive("alpha", alpha_);
  archive("eta", eta_);
  archive("sizes", sizes_);
}

}  // namespace jensen::lda
