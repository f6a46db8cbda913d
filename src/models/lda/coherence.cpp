#include "jensen/models/lda/coherence.hpp"

#include <algorithm>
#include <cmath>

namespace jensen::lda {
namespace {

double npmi_of(double both, double one, double other, double documents) {
  if (both == 0) return -1;
  if (both == documents) return 1;  // the limit
  return std::log(both * documents / (one * other)) / -std::log(both / documents);
}

}  // namespace

WordPairs::WordPairs(const LatentDirichletAllocation& model, Index top_words)
    : topics_(model.topics()),
      top_words_(std::min(top_words, model.words())),
      pairs_(top_words_ * (top_words_ + 1) / 2) {
  for (Index k = 0; k < topics_; ++k) {
    const auto top = model.top_words(k, top_words_);
    for (Index i = 0; i < top_words_; ++i) places_[top[static_cast<std::size_t>(i)].first].push_back({k, i});
  }
}

Statistics WordPairs::make_sums() const {
  return Statistics(topics_ * pairs_);
}

void WordPairs::add(const CountBlock& block, Statistics& sums) const {
  std::vector<std::vector<Index>> ranks(static_cast<std::size_t>(topics_));  // of the words a document has
  for (Index n = 0; n < block.documents(); ++n) {
    for (const Index word : block.document(n).words) {
      const auto found = places_.find(word);
      if (found == places_.end()) continue;
      for (const auto& [topic, rank] : found->second) ranks[static_cast<std::size_t>(topic)].push_back(rank);
    }
    for (Index k = 0; k < topics_; ++k) {
      auto& own = ranks[static_cast<std::size_t>(k)];
      for (const Index i : own) {
        for (const Index j : own) {
          if (j <= i) sums.body()[entry(k, i, j)] += 1;
        }
      }
      own.clear();
    }
    sums.records() += 1;
  }
}

std::vector<Coherence> WordPairs::coherences(const Statistics& total) const {
  std::vector<Coherence> result(static_cast<std::size_t>(topics_));
  const auto counts = total.body();
  for (Index k = 0; k < topics_; ++k) {
    Coherence& own = result[static_cast<std::size_t>(k)];
    for (Index i = 1; i < top_words_; ++i) {
      for (Index j = 0; j < i; ++j) {
        const double both = counts[entry(k, i, j)];
        const double less = counts[entry(k, i, i)], more = counts[entry(k, j, j)];
        own.umass += std::log((both + 1) / std::max(more, 1.0));
        own.npmi += npmi_of(both, less, more, total.records());
      }
    }
    if (top_words_ > 1) own.npmi /= static_cast<double>(pairs_ - top_words_);
  }
  return result;
}

}  // namespace jensen::lda
