#pragma once

#include <cmath>
#include <vector>

#include "jensen/fit/accumulate.hpp"
#include "jensen/fit/prediction.hpp"
#include "jensen/models/lda/lda.hpp"

namespace jensen::lda {

/// What the bound says of documents; nats.
struct BoundScore {
  double of_documents = 0;  // sum of their bounds: log p(words given the topics), at least
  double of_topics = 0;     // -KL of the topics from their prior
  double tokens = 0;
  double documents = 0;
  Vector sizes = {};  // K: expected tokens of each topic

  double elbo() const { return of_documents + of_topics; }
  /// exp(-bound / tokens) of documents that the topics were not fitted to. It is an upper bound of the
  /// perplexity, and loose: `complete` gives one that can be trusted.
  double perplexity() const { return std::exp(-of_documents / tokens); }
  /// The same with the topics' part, as of the documents that they were fitted to (scikit-learn's).
  double perplexity_with_topics() const { return std::exp(-elbo() / tokens); }
};

/// The E-step of every document. The model must be prepared. Collective.
template <class Shard>
BoundScore score_by_bound(const LatentDirichletAllocation& model, const Shard& shard,
                          const Communicator& comm) {
  Statistics sums(model.topics());
  accumulate(shard, comm, sums, [&](const CountBlock& block, Index, Statistics& own) {
    require_valid(block, model.words());
    Eigen::Map<Vector> sizes(own.body().data(), model.topics());
    for (Index n = 0; n < block.documents(); ++n) {
      const auto found = model.infer(block.document(n));
      sizes += found.gamma - model.alpha();
      own.objective() += found.bound;
      own.weight() += found.tokens;
      own.records() += 1;
    }
  });
  const Eigen::Map<const Vector> sizes(sums.body().data(), model.topics());
  return {sums.objective(), model.topics_bound(), sums.weight(), sums.records(), sizes};
}

/// A document in two halves. Each token goes to either by a random bit of its own, a function of (seed,
/// document, word); the fraction of a count that is not whole goes as one token of that weight.
struct Halves {
  std::vector<std::int32_t> known_words = {}, held_words = {};
  std::vector<double> known_counts = {}, held_counts = {};

  void split(const WordCounts& document, Index global_number, std::uint64_t seed);
  WordCounts known() const { return {known_words, known_counts}; }
  WordCounts held() const { return {held_words, held_counts}; }
};

/// Document completion (Wallach et al. 2009).
struct CompletionScore {
  double log_probability = 0;  // of the tokens held back, nats
  double tokens = 0;           // held back
  double documents = 0;        // with at least one of them

  double perplexity() const { return std::exp(-log_probability / tokens); }
};

/// sum over the words of counts * log sum_k mixture_k topics_wk; `topics` is V x K.
double log_probability(const WordCounts& document, const Vector& mixture, const RowMatrix& topics);

/// Estimates each document's mixture from one half of its tokens and scores the other half by the means of
/// mixture and topics. The model must be prepared. Collective.
template <class Shard>
CompletionScore complete(const LatentDirichletAllocation& model, const Shard& shard, const Communicator& comm,
                         std::uint64_t seed) {
  const RowMatrix topics = model.topic_means();
  Statistics sums(0);
  Halves halves;
  accumulate(shard, comm, sums, [&](const CountBlock& block, Index, Statistics& own) {
    require_valid(block, model.words());
    for (Index n = 0; n < block.documents(); ++n) {
      halves.split(block.document(n), block.first_document + n, seed);
      const WordCounts held = halves.held();
      if (held.size() == 0) continue;
      own.objective() += log_probability(held, model.infer(halves.known()).mixture(), topics);
      for (const double count : held.counts) own.weight() += count;
      own.records() += 1;
    }
  });
  return {sums.objective(), sums.weight(), sums.records()};
}

/// Mixtures E[theta] as responsibilities, the dominant topics as labels, and a column for each of
/// `kPredictionColumns`: the document's bound, nats, and its tokens. The model must be prepared.
void predict(const LatentDirichletAllocation& model, const CountBlock& block, Prediction& prediction);
inline constexpr const char* kPredictionColumns[] = {"bound", "tokens"};

}  // namespace jensen::lda
