#pragma once

#include <string>
#include <vector>

#include "jensen/core/table.hpp"
#include "jensen/fit/stopping.hpp"
#include "jensen/models/lda/coherence.hpp"
#include "jensen/models/lda/evaluation.hpp"
#include "jensen/models/lda/lda.hpp"
#include "jensen/models/lda/options.hpp"
#include "jensen/models/lda/sampler.hpp"
#include "jensen/models/lda/stored_parameters.hpp"

namespace jensen::lda {

/// The settings that the options mean; throws UsageError where they do not go together. `documents`: of the
/// corpus; `word_prior`: what the data set holds that `word_prior_of` names.
Settings make_settings(const Options& options, Index topics, Index documents, std::uint64_t seed,
                       const Vector& word_prior = {});

/// The data set that the options take a prior of words from; empty: none.
std::string word_prior_of(const Options& options);

/// What a pass over documents says of a fitted model.
struct Evaluation {
  BoundScore bound;
  CompletionScore completion;
  std::vector<Coherence> coherences;
};

/// What the command line needs of topic models, beside their start.
struct Method {
  using Model = LatentDirichletAllocation;
  using Options = lda::Options;

  static constexpr const char* kName = "lda";
  static constexpr const char* kSummary =
      "latent Dirichlet allocation by variational Bayes: topics of documents";
  static constexpr const char* kDefaultStart = "random";
  static constexpr const char* kToleranceMeaning = "stop at a gain below e nats per token; 0 = never";
  static constexpr double kDefaultTolerance = 1e-5;

  static void set_tolerance(double tolerance, Stopping& stopping) { stopping.gain_per_weight = tolerance; }

  /// A model of so many topics and words, before its start or to be given a saved state.
  static Model make(const Options& options, Index topics, Index words, Index documents, std::uint64_t seed,
                    const Vector& word_prior = {}) {
    return Model(make_settings(options, topics, documents, seed, word_prior), words);
  }
  static std::string word_prior_of(const Options& options) { return lda::word_prior_of(options); }

  /// Three passes; writes attributes of "/fit": elbo, perplexities, tokens; and the topics' coherences.
  /// Collective.
  template <class Shard>
  static void evaluate(const Model& model, const Options&, const Shard& shard, const Communicator& comm,
                       Document& document) {
    record({score_by_bound(model, shard, comm), complete(model, shard, comm, kCompletionSeed),
            coherences(model, shard, comm, kCoherenceWords)},
           document);
  }

  /// A row for each topic, the largest first: size, share, coherence and top words.
  static Table component_table(const Document& document);

  static constexpr const char* kParametersChecked =
      "topics are positive and add up to 1, and are the means of their Dirichlets";
  static void require_parameters(const Document& document) { lda::require_parameters(document); }
  static void require_agreement(const Model& model, const Document& document) {
    lda::require_agreement(model, document);
  }

  using Sampler = lda::Sampler;
  static constexpr bool kHasResponsibilities = true;
  static std::vector<std::string> prediction_columns() {
    return {std::begin(kPredictionColumns), std::end(kPredictionColumns)};
  }
  static void predict(const Model& model, const CountBlock& block, Prediction& prediction) {
    lda::predict(model, block, prediction);
  }
  /// Bounds of the documents' log-likelihoods, nats.
  static constexpr const char* kLogDensity = "bound";
  static constexpr bool kIsBound = true;
  static void log_density(const Model& model, const CountBlock& block, Eigen::ArrayXd& bounds);

 private:
  static constexpr std::uint64_t kCompletionSeed = 1;
  static constexpr Index kCoherenceWords = 10;

  static void record(const Evaluation& evaluation, Document& document);
};

}  // namespace jensen::lda
