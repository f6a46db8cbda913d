#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/types.hpp"

namespace jensen::io {

/// Looks once at every entry of a corpus while it is read: fingerprint, and what cannot be used. Documents
/// come in rising order, with the entries of one possibly in several runs.
class CountScan {
 public:
  CountScan(Index vocabulary, bool fractional_counts)
      : vocabulary_(vocabulary),
        fractional_counts_(fractional_counts),
        last_document_(static_cast<std::size_t>(vocabulary), -1) {}

  /// Begins a document, which need not have entries.
  void begin(Index document);
  /// Entries of the document that was begun, their words as read.
  void add(std::span<const std::int64_t> words, std::span<const double> counts);

  /// Ends the last document and joins all ranks. Throws InputError, alike on every rank, where anything
  /// cannot be used; `name` is that of the corpus. Collective.
  void merge(const std::string& name, const Communicator& comm);

  const std::array<std::uint64_t, 2>& fingerprint() const { return lanes_; }

 private:
  enum class Kind : std::int64_t { outside, repeated, not_finite, too_large, negative, zero, fractional };
  struct Fault {
    Kind kind;
    Index document;
    std::int64_t word;
    double count;
  };

  std::optional<Kind> fault_of(std::int64_t word, double count) const;
  void end();
  std::string sentence(const Fault& fault, Index faulty, const std::string& name) const;

  Index vocabulary_;
  bool fractional_counts_;
  Index document_ = -1;               // that was begun; -1: none
  std::vector<Index> last_document_;  // V: that had the word
  std::uint64_t position_ = 0;        // in the document
  std::uint64_t hash_ = 0;
  std::array<std::uint64_t, 2> lanes_ = {};
  std::optional<Fault> first_;
  Index faulty_ = 0;  // documents
  Index latest_ = -1;
};

}  // namespace jensen::io
