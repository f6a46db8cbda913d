#pragma once

#include <span>

#include "jensen/core/aligned.hpp"
#include "jensen/core/large_array.hpp"
#include "jensen/data/count_block.hpp"

namespace jensen::lda {

/// Rows of K numbers, each padded to whole cache lines.
class PaddedRows {
 public:
  PaddedRows() = default;
  PaddedRows(Index rows, Index stride) : stride_(stride), values_(static_cast<std::size_t>(rows * stride)) {}

  Index stride() const { return stride_; }
  double* row(Index i) { return values_.data() + i * stride_; }
  const double* row(Index i) const { return values_.data() + i * stride_; }

 private:
  Index stride_ = 0;
  LargeArray<double> values_;  // in large pages, as rows are read here and there
};

/// exp(E[log beta_kw]) of all words, a row for each. Rows are scaled to a largest number of 1, so that none
/// vanishes; q of a word's topic does not change by that. Padding is 0.
struct WordRows {
  PaddedRows rows;
  AlignedVector<double> log_scales;  // V: log of what row w was divided by
};

/// The Dirichlet prior of a document's mixture, as the kernels want it. Padding is next to nothing.
struct MixturePrior {
  Index topics = 0;                   // K
  AlignedVector<double> alpha;        // padded K
  AlignedVector<double> log_gamma;    // padded K: log Gamma(alpha_k)
  AlignedVector<double> first_gamma;  // padded K: 1
  double log_gamma_of_sum = 0;
};

MixturePrior make_mixture_prior(const Vector& alpha);

/// When the sweeps over a document end.
struct SweepLimits {
  Index most = 100;
  double tolerance = 1e-3;
};

/// q of one document after its E-step. What is padded has K numbers that count.
struct DocumentPosterior {
  AlignedVector<double> gamma;      // padded K: of the Dirichlet
  AlignedVector<double> log_theta;  // padded K: E[log theta_k]
  double bound = 0;                 // its part of the ELBO, nats
  double magnitude = 0;             // of the bound's terms
  double tokens = 0;
  Index sweeps = 0;
  bool settled = true;
};

/// The E-step of one document after another. A document's result follows from its words and the parameters
/// alone.
class DocumentWork {
 public:
  explicit DocumentWork(Index topics);

  /// Sweeps over all words at once: phi of all by the gamma of the sweep before (Hoffman, Blei and Bach 2010,
  /// algorithm 1). Ends when gamma changes by less than the tolerance on average over topics. gamma starts
  /// from `first_gamma` (padded K), or from 1 everywhere.
  void solve_by_block(const WordRows& words, const MixturePrior& prior, const WordCounts& document,
                      const SweepLimits& limits, std::span<const double> first_gamma = {});

  /// Sweeps word by word, gamma following each (Blei, Ng and Jordan 2003, figure 6, in lda-c's order). Ends
  /// when the document's bound gains less than the tolerance, relative to it.
  void solve_in_sequence(const WordRows& words, const MixturePrior& prior, const WordCounts& document,
                         const SweepLimits& limits);

  const DocumentPosterior& posterior() const { return posterior_; }

  /// row[k] += expected number of tokens of topic k, for the document's i-th word. `row` may be read and
  /// written by whole vectors.
  void add_expected_counts(Index i, double* row) const;

 private:
  double* row(Index i) { return rows_.data() + i * stride_; }
  const double* row(Index i) const { return rows_.data() + i * stride_; }

  void take(const WordRows& words, const WordCounts& document);
  void begin_at(const double* gamma);
  double sweep(const MixturePrior& prior);
  double set_log_theta(const MixturePrior& prior);
  void set_bound(const MixturePrior& prior);
  void set_bound_of_phi(const MixturePrior& prior);

  Index stride_;
  DocumentPosterior posterior_;
  AlignedVector<double> theta_, sums_, digamma_;  // padded K
  double shift_ = 0;                              // theta = exp(digamma(gamma) - shift)
  double digamma_of_sum_ = 0;                     // of gamma

  // Of the document at hand, its words padded to whole lines:
  Index size_ = 0, padded_ = 0;
  AlignedVector<double> rows_, counts_, log_scales_;
  AlignedVector<double> norms_, ratios_;  // theta . row, and counts by that
  bool in_sequence_ = false;
  AlignedVector<double> phi_;  // words x padded K, in sequence
};

}  // namespace jensen::lda
