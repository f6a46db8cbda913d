#pragma once

#include <random>

#include "jensen/data/count_matrix.hpp"

namespace test {

/// A corpus of random documents of four topics, each with a quarter of the words for itself; every 11th
/// document is empty, and lengths differ by a factor of a hundred.
inline jensen::CountMatrix example_corpus(jensen::Index documents, jensen::Index vocabulary = 80,
                                          unsigned seed = 3) {
  jensen::CountMatrix corpus{.vocabulary = vocabulary};
  std::mt19937 random(seed);
  std::vector<int> counts(static_cast<std::size_t>(vocabulary));
  for (jensen::Index n = 0; n < documents; ++n) {
    counts.assign(counts.size(), 0);
    const auto topic = random() % 4;
    const auto tokens = n % 11 == 5 ? 0u : n % 7 == 0 ? 200u : 2u + random() % 20;
    for (unsigned i = 0; i < tokens; ++i) {
      const auto own = 4 * (random() % (counts.size() / 4)) + topic, any = random() % counts.size();
      ++counts[random() % 10 < 8 ? own : any];
    }
    for (std::size_t word = 0; word < counts.size(); ++word) {
      if (counts[word] == 0) continue;
      corpus.words.push_back(static_cast<std::int32_t>(word));
      corpus.counts.push_back(counts[word]);
    }
    corpus.offsets.push_back(static_cast<std::int64_t>(corpus.words.size()));
  }
  return corpus;
}

}  // namespace test
