#pragma once

#include <vector>

#include "jensen/core/exact_sum.hpp"
#include "jensen/core/large_array.hpp"
#include "jensen/fit/statistics.hpp"

namespace jensen::lda {

/// The sums of an E-step over documents: expected counts, V x K with a word's K numbers side by side, and
/// what belongs to no word.
///
/// A block has few of the words of a corpus, so the sums know which rows were touched since they were
/// cleared: these alone are cleared and enter the exact sum. The others are zeros, which change no bit of it.
///
/// The weight is the number of tokens, `records` that of documents.
class Sums : public Statistics {
 public:
  /// How rows of blocks are added up. `fixed_point`: as multiples of 2^-50, for rows that are added to
  /// something afterwards; `exact`: where numbers far below that count, as those of point topics do.
  enum class Rows { exact, fixed_point };

  Sums(Index words, Index topics, Rows rows);

  Index words() const { return words_; }
  Index topics() const { return topics_; }

  /// The row of a word, which counts as touched from now on. May be read and written by whole vectors: what
  /// follows a row's K numbers is the next row, or room.
  double* touch(Index word) {
    auto& mark = touched_[static_cast<std::size_t>(word)];
    if (!mark) mark = true, touched_words_.push_back(word);
    return row_of(word);
  }
  /// Brings a row near that is to be touched soon.
  void prefetch(Index word) {
    const double* const row = row_of(word);
    for (Index k = 0; k < topics_; k += 8) __builtin_prefetch(row + k, 1);
  }
  std::span<const double> row(Index word) const {
    return body().subspan(static_cast<std::size_t>(word * topics_), static_cast<std::size_t>(topics_));
  }

  /// K: sum over documents of E[log theta_k].
  std::span<double> log_mixtures() { return tail().first(static_cast<std::size_t>(topics_)); }
  std::span<const double> log_mixtures() const { return tail().first(static_cast<std::size_t>(topics_)); }
  /// Sweeps over the words of a document, of all documents.
  double& sweeps() { return tail()[static_cast<std::size_t>(topics_)]; }
  double sweeps() const { return tail()[static_cast<std::size_t>(topics_)]; }
  /// Documents that had not settled after the most sweeps allowed.
  double& unsettled() { return tail()[static_cast<std::size_t>(topics_) + 1]; }
  double unsettled() const { return tail()[static_cast<std::size_t>(topics_) + 1]; }

  void clear();

  /// Adds the touched rows of blocks. In fixed point they are added up in 64 bits, and these sums enter the
  /// exact sum in the end: one number to read and write where an exact sum has several. Each addend is
  /// rounded by itself and the rest is exact, so that the order is of no consequence.
  class BlockAdder {
   public:
    explicit BlockAdder(const Sums& sums);
    /// Leaves the sums of the block clear.
    void add(Sums& block, ExactSum& total);
    void finish(ExactSum& total);

   private:
    std::int64_t* row_of(Index word) { return rows_.data() + word * topics_; }
    void flush(Index word, ExactSum& total);

    Index words_, topics_;
    std::size_t head_;               // of the sums: what is before row 0
    LargeArray<std::int64_t> rows_;  // V x K in fixed point, or empty
    std::vector<double> values_;     // K
  };

  /// All of it; whoever may write it may touch any row.
  std::span<double> flat() {
    all_touched_ = true;
    return Statistics::flat();
  }
  std::span<const double> flat() const { return Statistics::flat(); }
  std::span<const double> body() const { return Statistics::body(); }

 private:
  static constexpr Index kScalars = 2;
  static constexpr Index kRoom = 8;  // beyond the last row, for whole vectors

  double* row_of(Index word) { return Statistics::body().data() + word * topics_; }
  std::size_t tail_begin() const { return static_cast<std::size_t>(words_ * topics_); }
  std::span<double> tail() { return Statistics::body().subspan(tail_begin()); }
  std::span<const double> tail() const { return Statistics::body().subspan(tail_begin()); }

  Index words_, topics_;
  Rows rows_;
  bool all_touched_ = false;
  std::vector<char> touched_;  // V
  std::vector<Index> touched_words_ = {};
};

}  // namespace jensen::lda
