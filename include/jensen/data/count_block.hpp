#pragma once

#include <cstdint>
#include <span>

#include "jensen/core/types.hpp"

namespace jensen {

/// The entries of one document: its distinct words, in any order, and how often each occurs (more than 0).
/// A document may be empty.
struct WordCounts {
  std::span<const std::int32_t> words;
  std::span<const double> counts;

  Index size() const { return static_cast<Index>(words.size()); }
};

/// A fixed slice of the global numbering of documents, as sparse rows: the unit of work.
struct CountBlock {
  Index first_document = 0;                    // global number of document 0
  Index vocabulary = 0;                        // V: words are 0 ... V-1
  std::span<const std::int64_t> offsets = {};  // documents + 1: where a document's entries begin
  std::span<const std::int32_t> words = {};    // entry offsets[0] of them is words[0]
  std::span<const double> counts = {};

  Index documents() const { return offsets.empty() ? 0 : static_cast<Index>(offsets.size()) - 1; }
  Index entries() const { return static_cast<Index>(words.size()); }

  WordCounts document(Index n) const {
    const auto i = static_cast<std::size_t>(n);
    const auto begin = static_cast<std::size_t>(offsets[i] - offsets[0]);
    const auto size = static_cast<std::size_t>(offsets[i + 1] - offsets[i]);
    return {words.subspan(begin, size), counts.subspan(begin, size)};
  }
};

}  // namespace jensen
