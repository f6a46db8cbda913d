#include "jensen/models/lda/sums.hpp"

#include <algorithm>
#include <utility>

namespace jensen::lda {
namespace {

constexpr double kScale = 0x1p50;
constexpr double kMost = 0x1p11;                       // of an addend in fixed point
constexpr std::int64_t kFull = std::int64_t{1} << 61;  // of a sum: another addend would still fit

constexpr std::size_t kAhead = 3;  // rows that are asked for before they are needed

void prefetch_row(const std::int64_t* row, Index topics) {
  for (Index k = 0; k < topics; k += 8) __builtin_prefetch(row + k, 1);
}

bool fits(const double* row, Index topics) {
  int outside = 0;
  for (Index k = 0; k < topics; ++k) outside |= static_cast<int>(!(row[k] >= 0 && row[k] < kMost));
  return outside == 0;
}

/// Returns what is at least the largest sum.
std::int64_t add_row(const double* row, Index topics, std::int64_t* __restrict sums) {
  std::int64_t all = 0;
  for (Index k = 0; k < topics; ++k) {
    sums[k] += static_cast<std::int64_t>(row[k] * kScale + 0.5);
    all |= sums[k];
  }
  return all;
}

}  // namespace

Sums::Sums(Index words, Index topics, Rows rows)
    : Statistics(words * topics + topics + kScalars + kRoom),
      words_(words),
      topics_(topics),
      rows_(rows),
      touched_(static_cast<std::size_t>(words), 0) {}

void Sums::clear() {
  if (all_touched_) {
    Statistics::clear();
  } else {
    for (const Index word : touched_words_) std::fill_n(row_of(word), topics_, 0.0);
    const auto all = Statistics::flat();
    std::fill_n(all.begin(), all.size() - Statistics::body().size(), 0.0);
    std::fill(tail().begin(), tail().end(), 0.0);
  }
  all_touched_ = false;
  for (const Index word : touched_words_) touched_[static_cast<std::size_t>(word)] = 0;
  touched_words_.clear();
}

Sums::BlockAdder::BlockAdder(const Sums& sums)
    : words_(sums.words()),
      topics_(sums.topics()),
      head_(sums.flat().size() - sums.body().size()),
      rows_(sums.rows_ == Rows::fixed_point ? static_cast<std::size_t>(words_ * topics_) : 0),
      values_(static_cast<std::size_t>(topics_)) {}

void Sums::BlockAdder::add(Sums& block, ExactSum& total) {
  if (block.all_touched_) {
    for (Index word = 0; word < words_; ++word) block.touch(word);
  }
  const std::vector<Index>& words = block.touched_words_;
  const bool fixed = rows_.size() > 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Index word = words[i];
    if (fixed && i + kAhead < words.size()) prefetch_row(row_of(words[i + kAhead]), topics_);
    double* const row = block.row_of(word);
    if (!fixed || !fits(row, topics_)) {
      total.add(head_ + static_cast<std::size_t>(word * topics_), block.row(word));
    } else if (add_row(row, topics_, row_of(word)) >= kFull) {
      flush(word, total);
    }
  }
  total.add(0, std::as_const(block).flat().first(head_));
  total.add(head_ + block.tail_begin(), block.tail());
  block.clear();
}

/// Adds a row to the exact sum, in two parts where a double does not hold its numbers.
void Sums::BlockAdder::flush(Index word, ExactSum& total) {
  constexpr std::int64_t kLow = (std::int64_t{1} << 30) - 1, kHolds = std::int64_t{1} << 53;
  std::int64_t* const row = row_of(word);
  const std::size_t entry = head_ + static_cast<std::size_t>(word * topics_);
  std::int64_t all = 0;
  for (std::size_t k = 0; k < values_.size(); ++k) {
    all |= row[k];
    values_[k] = static_cast<double>(row[k]) / kScale;
  }
  if (all >= kHolds) {
    for (std::size_t k = 0; k < values_.size(); ++k)
      values_[k] = static_cast<double>(row[k] & ~kLow) / kScale;
    total.add(entry, values_);
    for (std::size_t k = 0; k < values_.size(); ++k) values_[k] = static_cast<double>(row[k] & kLow) / kScale;
  }
  total.add(entry, values_);
  std::fill_n(row, topics_, 0);
}

void Sums::BlockAdder::finish(ExactSum& total) {
  if (rows_.size() == 0) return;
  for (Index word = 0; word < words_; ++word) flush(word, total);
}

}  // namespace jensen::lda
