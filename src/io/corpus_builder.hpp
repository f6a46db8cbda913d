#pragma once

#include <cstdint>
#include <vector>

#include "jensen/data/count_matrix.hpp"

namespace jensen::io {

/// Of the words of a document: rising, or as they came.
enum class WordOrder { rising, kept };

/// Collects entries, in any order, into compressed sparse rows.
class CorpusBuilder {
 public:
  /// Documents and words that an entry can have: they are kept as 32-bit integers.
  static constexpr std::int64_t kMost = std::int64_t{1} << 31;

  /// @pre 0 <= document, word < kMost - 1; count >= 0, and an entry of 0 is counted, but not kept
  void add(Index document, std::int64_t word, double count) {
    if (count > 0) {
      documents_.push_back(static_cast<std::int32_t>(document));
      words_.push_back(static_cast<std::int32_t>(word));
      counts_.push_back(count);
    } else {
      ++zeros_;
    }
  }

  /// The word of the highest number that has come and 1, or 0.
  Index words_seen() const;
  /// Makes word 1 word 0, and so on.
  void count_from_zero();
  /// Makes word w word numbers[w].
  void renumber(const std::vector<std::int32_t>& numbers);

  /// Repetitions of a word are added up; the builder is empty afterwards.
  CountMatrix finish(Index documents, Index vocabulary, WordOrder order = WordOrder::rising);

  std::int64_t zeros() const { return zeros_; }
  std::int64_t repetitions() const { return repetitions_; }

 private:
  void sort_documents(const std::vector<std::int64_t>& offsets);

  std::vector<std::int32_t> documents_, words_;
  std::vector<double> counts_;
  std::int64_t zeros_ = 0, repetitions_ = 0;
};

}  // namespace jensen::io
