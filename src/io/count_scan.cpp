#include "count_scan.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "bit_mixing.hpp"
#include "jensen/core/error.hpp"

namespace jensen::io {
namespace {

constexpr double kExactLimit = 9007199254740992;  // 2^53

std::uint64_t hash_entry(std::uint64_t position, std::int64_t word, double count) {
  constexpr std::uint64_t kCountKey = 0xd1b54a32d192ed03u;
  const std::uint64_t number =
      (static_cast<std::uint64_t>(word) + 1) * kMixingOffset + std::rotl(position, 32);
  return fold_product(mix(number), std::bit_cast<std::uint64_t>(count) ^ kCountKey);
}

}  // namespace

void CountScan::begin(Index document) {
  end();
  document_ = document;
  position_ = 0;
}

void CountScan::end() {
  if (document_ >= 0) {
    const auto lanes = mix_into_lanes(document_, hash_);
    lanes_[0] += lanes[0];
    lanes_[1] += lanes[1];
  }
  hash_ = 0;
}

std::optional<CountScan::Kind> CountScan::fault_of(std::int64_t word, double count) const {
  if (word < 0 || word >= vocabulary_) return Kind::outside;
  if (last_document_[static_cast<std::size_t>(word)] == document_) return Kind::repeated;
  if (!std::isfinite(count)) return Kind::not_finite;
  if (count < 0) return Kind::negative;
  if (count == 0) return Kind::zero;
  if (count >= kExactLimit) return Kind::too_large;
  if (!fractional_counts_ && count != std::floor(count)) return Kind::fractional;
  return std::nullopt;
}

void CountScan::add(std::span<const std::int64_t> words, std::span<const double> counts) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (const auto kind = fault_of(words[i], counts[i]); kind && latest_ != document_) {
      if (!first_) first_ = Fault{*kind, document_, words[i], counts[i]};
      latest_ = document_;
      ++faulty_;
    }
    if (words[i] >= 0 && words[i] < vocabulary_)
      last_document_[static_cast<std::size_t>(words[i])] = document_;
    hash_ += hash_entry(position_++, words[i], counts[i]);
  }
}

void CountScan::merge(const std::string& name, const Communicator& comm) {
  end();
  document_ = -1;
  const Index faulty = comm.sum(faulty_);
  if (faulty > 0) {  // ranks own runs of documents in order
    const auto first = comm.all_gather(std::span<const Fault>(first_ ? &*first_ : nullptr, first_ ? 1 : 0));
    throw InputError(sentence(first.front(), faulty, name));
  }
  comm.all_sum(std::span<std::uint64_t>(lanes_));
  const std::uint64_t words = mix(static_cast<std::uint64_t>(vocabulary_));
  lanes_[0] += words;
  lanes_[1] += std::rotl(words, 32);
}

std::string CountScan::sentence(const Fault& fault, Index faulty, const std::string& name) const {
  const auto [kind, document, word, count] = fault;
  const std::string place = fmt::format("'{}' has in document {}", name, document);
  const std::string numbers = faulty == 1 ? "documents and words count from 0"
                                          : fmt::format(
                                                "documents and words count from 0; {} documents have "
                                                "faults",
                                                faulty);
  const std::string import = fmt::format("make it anew with 'jensen import {} -o FILE.h5', which", name);
  switch (kind) {
    case Kind::outside:
      return fmt::format("{} word {} (must be 0 to {}; {}); correct 'indices' or the shape", place, word,
                         vocabulary_ - 1, numbers);
    case Kind::repeated:
      return fmt::format("{} word {} twice (must be there once; {}); {} adds such counts", place, word,
                         numbers, import);
    case Kind::zero:
      return fmt::format("{} a stored count of 0, of word {} (must be positive; {}); {} drops such entries",
                         place, word, numbers, import);
    case Kind::negative:
    case Kind::not_finite:
      return fmt::format("{} the count {} of word {} (must be positive; {}); correct it", place, count, word,
                         numbers);
    case Kind::too_large:
      return fmt::format("{} the count {:g} of word {} (must be below 2^53; {}); correct it", place, count,
                         word, numbers);
    case Kind::fractional:
      return fmt::format(
          "{} the count {:g} of word {} (must be a whole number; {}); --fractional-counts admits "
          "others",
          place, count, word, numbers);
  }
  throw std::logic_error("a fault of no kind");
}

}  // namespace jensen::io
