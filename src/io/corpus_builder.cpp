#include "corpus_builder.hpp"

#include <algorithm>
#include <utility>

namespace jensen::io {

Index CorpusBuilder::words_seen() const {
  return words_.empty() ? 0 : Index{*std::max_element(words_.begin(), words_.end())} + 1;
}

void CorpusBuilder::count_from_zero() {
  for (std::int32_t& word : words_) --word;
}

void CorpusBuilder::renumber(const std::vector<std::int32_t>& numbers) {
  for (std::int32_t& word : words_) word = numbers[static_cast<std::size_t>(word)];
}

/// Brings entries into the order of their documents, where they are not.
void CorpusBuilder::sort_documents(const std::vector<std::int64_t>& offsets) {
  if (std::is_sorted(documents_.begin(), documents_.end())) return;
  std::vector<std::int64_t> next(offsets.begin(), offsets.end() - 1);
  std::vector<std::int32_t> words(words_.size());
  std::vector<double> counts(counts_.size());
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    const auto to = static_cast<std::size_t>(next[static_cast<std::size_t>(documents_[i])]++);
    words[to] = words_[i];
    counts[to] = counts_[i];
  }
  words_ = std::move(words);
  counts_ = std::move(counts);
}

CountMatrix CorpusBuilder::finish(Index documents, Index vocabulary, WordOrder order) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(documents) + 1, 0);
  for (const std::int32_t document : documents_) ++offsets[static_cast<std::size_t>(document) + 1];
  for (std::size_t n = 1; n < offsets.size(); ++n) offsets[n] += offsets[n - 1];
  sort_documents(offsets);
  documents_ = {};

  std::vector<std::pair<std::int32_t, double>> entries;                       // of a document
  std::vector<std::size_t> place(static_cast<std::size_t>(words_seen()), 0);  // behind a word's last entry
  std::size_t kept = 0;
  std::int64_t begin = 0;
  for (std::size_t n = 0; n + 1 < offsets.size(); ++n) {
    entries.clear();
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(offsets[n + 1]); ++i)
      entries.emplace_back(words_[i], counts_[i]);
    const auto by_word = [](const auto& a, const auto& b) { return a.first < b.first; };
    if (order == WordOrder::rising && !std::is_sorted(entries.begin(), entries.end(), by_word))
      std::stable_sort(entries.begin(), entries.end(), by_word);
    begin = offsets[n + 1];
    const std::size_t first = kept;
    for (const auto& [word, count] : entries) {
      std::size_t& behind = place[static_cast<std::size_t>(word)];
      if (behind > first) {
        counts_[behind - 1] += count;
        ++repetitions_;
      } else {
        words_[kept] = word;
        counts_[kept++] = count;
        behind = kept;
      }
    }
    offsets[n + 1] = static_cast<std::int64_t>(kept);
  }
  words_.resize(kept);
  counts_.resize(kept);
  return {vocabulary, std::move(offsets), std::exchange(words_, {}), std::exchange(counts_, {})};
}

}  // namespace jensen::io
