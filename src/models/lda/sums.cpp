#include "jensen/models/lda/sums.hpp"

#include <algorithm>

namespace jensen::lda {

Sums::Sums(Index words, Index topics)
    : Statistics(words * topics + topics + kScalars + kRoom),
      words_(words),
      topics_(topics),
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

void Sums::add_to(ExactSum& total) const {
  const auto all = flat();
  if (all_touched_) return total.add(all);
  const std::size_t head = all.size() - body().size();
  const auto row_size = static_cast<std::size_t>(topics_);
  total.add(0, all.first(head));
  for (const Index word : touched_words_)
    total.add(head + static_cast<std::size_t>(word) * row_size, row(word));
  total.add(head + tail_begin(), tail());
}

}  // namespace jensen::lda
