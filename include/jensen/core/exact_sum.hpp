#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "jensen/core/aligned.hpp"

namespace jensen {

/// An array of sums of doubles whose result does not depend on the order of the additions or on how partial
/// sums were merged: the same bits for every permutation, merge tree and rank count.
///
/// Each entry is a binned sum (after Demmel and Hida 2003; Ahrens, Demmel and Nguyen 2020) on the absolute
/// grid of powers of 2^40. An addend is cut, exactly and towards zero, into its digits on that grid; an entry
/// keeps the integer sums of the three digits counted down from the highest bin that any addend reached.
/// Lower digits are dropped, whenever they come, so what is kept does not depend on the order.
///
///   |result - exact sum| <= additions * 2^-80 * max|addend|, plus one rounding to double.
///
/// Non-finite addends are counted, never converted: they make the entry NaN or +-infinity as IEEE would.
/// Precondition: at most 2^22 additions to one entry in all partial sums together (`Partition` sees to it).
class ExactSum {
 public:
  /// One entry as it travels between ranks: merged by `merge_elements`, whatever the order.
  struct Element {
    std::int64_t tag = 0;  // bin of the leading digit and non-finite marks, or the mark of plain counters
    std::array<std::int64_t, 3> digits = {};
  };

  explicit ExactSum(std::size_t size = 0);

  std::size_t size() const { return leading_.size(); }
  void clear();

  /// Adds values[i] to entry offset + i.
  void add(std::size_t offset, std::span<const double> values);
  void add(std::span<const double> values) { add(0, values); }
  void merge(const ExactSum& other);

  /// The sums of the entries from `first` on, rounded to nearest.
  void round_into(std::size_t first, std::span<double> sums) const;
  void round_into(std::span<double> sums) const { round_into(first_of_all(sums.size()), sums); }

  /// Addends that were NaN or infinite, of this partial sum or of all that were merged into it.
  std::int64_t non_finite_count() const { return non_finite_count_; }
  void set_non_finite_count(std::int64_t count) { non_finite_count_ = count; }

  /// Copies the entries from `first` on to elements, and back.
  void store(std::size_t first, std::span<Element> elements) const;
  void load(std::size_t first, std::span<const Element> elements);
  void store(std::span<Element> elements) const { store(first_of_all(elements.size()), elements); }
  void load(std::span<const Element> elements) { load(first_of_all(elements.size()), elements); }

  /// An element that merges as three plain integer counters.
  static Element counters(const std::array<std::int64_t, 3>& values);

  /// into[i] = into[i] + from[i]; associative and commutative, to the bit.
  static void merge_elements(std::span<const Element> from, std::span<Element> into);

 private:
  static constexpr std::size_t kStride = 64;  // entries tested together for the fast path

  /// 0, where `count` is that of all entries; throws std::out_of_range where it is not.
  std::size_t first_of_all(std::size_t count) const;
  void require_entries(std::size_t first, std::size_t count, const char* where) const;
  void add_tile(std::size_t first, std::span<const double> values);
  void raise(std::size_t entry, int bin);
  double admit(std::size_t entry, double value);
  void check_headroom() const;

  AlignedVector<double> scale_;  // 2^(-40 leading)
  AlignedVector<std::int64_t> high_, middle_, low_;
  std::vector<std::int8_t> leading_;
  std::vector<std::uint8_t> marks_;  // NaN, +infinity, -infinity seen
  std::int64_t non_finite_count_ = 0;
  std::uint32_t additions_since_check_ = 0;
};

}  // namespace jensen
