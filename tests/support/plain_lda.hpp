#pragma once

#include <vector>

#include "jensen/core/types.hpp"
#include "support/corpus.hpp"

namespace test {

/// Variational Bayes for LDA as the papers write it: explicit phi, scalar functions of the C library and
/// Boost, one document after another. What jensen's kernels are held against.
struct PlainLda {
  jensen::RowMatrix lambda;  // V x K: of the topics' Dirichlet, or points
  bool points = false;
  jensen::Vector alpha;
  jensen::Vector eta;  // V, or 1 that is every word's

  struct Document {
    jensen::Vector gamma;
    jensen::RowMatrix phi;  // entries x K
    double bound = 0;       // with phi the best for gamma
  };

  /// From gamma = 1 until gamma changes by less than the tolerance on average, or `sweeps`.
  Document infer(const std::vector<std::pair<std::int32_t, double>>& document, double tolerance,
                 jensen::Index sweeps) const;

  /// V x K: E[log beta], or log points.
  jensen::RowMatrix log_topics() const;
  double topics_bound() const;
  double eta_of(jensen::Index word) const { return eta[eta.size() == 1 ? 0 : word]; }
  /// Of all documents and topics; `counts` gets the expected counts (V x K).
  double elbo(const Corpus& corpus, double tolerance, jensen::Index sweeps,
              jensen::RowMatrix* counts = nullptr) const;
};

}  // namespace test
