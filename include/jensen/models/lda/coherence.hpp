#pragma once

#include <unordered_map>
#include <vector>

#include "jensen/fit/accumulate.hpp"
#include "jensen/models/lda/lda.hpp"

namespace jensen::lda {

/// How well a topic's top words go together, by the documents that have them; larger is better.
struct Coherence {
  /// sum over pairs, the more probable word j: log (D(i, j) + 1) / D(j) (Mimno et al. 2011).
  double umass = 0;
  /// Mean over pairs of log (p(i, j) / (p(i) p(j))) / -log p(i, j), between -1 and 1, -1 for words that never
  /// meet (Lau, Newman and Baldwin 2014; here p by whole documents).
  double npmi = 0;
};

/// Counts the documents that have each of the topics' top words, and each pair of a topic's.
class WordPairs {
 public:
  WordPairs(const LatentDirichletAllocation& model, Index top_words);

  Statistics make_sums() const;
  void add(const CountBlock& block, Statistics& sums) const;
  /// K, from the sums over all documents.
  std::vector<Coherence> coherences(const Statistics& total) const;

 private:
  /// Of the pair of a topic's words number i and j <= i; i = j: of the word alone.
  std::size_t entry(Index topic, Index i, Index j) const {
    return static_cast<std::size_t>(topic * pairs_ + i * (i + 1) / 2 + j);
  }

  struct Place {
    Index topic, rank;
  };

  Index topics_, top_words_, pairs_;
  std::unordered_map<Index, std::vector<Place>> places_ = {};  // of a word among the top words
};

/// The coherence of each topic's top words in these documents. Collective.
template <class Shard>
std::vector<Coherence> coherences(const LatentDirichletAllocation& model, const Shard& shard,
                                  const Communicator& comm, Index top_words = 10) {
  const WordPairs pairs(model, top_words);
  Statistics sums = pairs.make_sums();
  accumulate(shard, comm, sums,
             [&](const CountBlock& block, Index, Statistics& own) { pairs.add(block, own); });
  return pairs.coherences(sums);
}

}  // namespace jensen::lda
