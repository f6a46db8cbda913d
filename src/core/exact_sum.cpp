#include "jensen/core/exact_sum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace jensen {
namespace {

constexpr int kDigitBits = 40;
constexpr double kDigitLimit = 0x1p40;
// The lowest leading bin: its third digit reaches below the smallest denormal, 2^-1074 > 2^(40 * -27).
constexpr int kLowestBin = -25;
constexpr std::uint8_t kNan = 1, kPositiveInfinity = 2, kNegativeInfinity = 4;
// Tag of an element: bits 0-7 leading bin, offset to be positive; bits 8-10 marks; bit 11: plain counters.
constexpr std::int64_t kCounters = std::int64_t{1} << 11;
constexpr std::int64_t kHeadroom = std::int64_t{1} << 62;
constexpr std::uint32_t kAdditionsPerCheck = 1u << 20;

double scale_of(int bin) {
  return std::ldexp(1.0, -kDigitBits * bin);
}

std::int64_t make_tag(int bin, std::uint8_t marks) {
  return static_cast<std::int64_t>(bin - kLowestBin) | (static_cast<std::int64_t>(marks) << 8);
}
int bin_of_tag(std::int64_t tag) {
  return static_cast<int>(tag & 0xff) + kLowestBin;
}
std::uint8_t marks_of_tag(std::int64_t tag) {
  return static_cast<std::uint8_t>((tag >> 8) & 0x7);
}

int bin_of(double value) {
  // value = m * 2^e with m in [.5, 1): its leading bit has weight 2^(e-1)
  int exponent = 0;
  std::frexp(value, &exponent);
  const int bit = exponent - 1;
  const int bin = bit >= 0 ? bit / kDigitBits : -((-bit + kDigitBits - 1) / kDigitBits);
  return std::max(bin, kLowestBin);
}

/// Moves the digits down by `steps` bins; what leaves the window is dropped.
void lower(std::array<std::int64_t, 3>& digits, int steps) {
  for (int i = 2; i >= 0; --i) {
    digits[static_cast<std::size_t>(i)] = i >= steps ? digits[static_cast<std::size_t>(i - steps)] : 0;
  }
}

/// The sum of three digits of weight 2^(40 bin), 2^(40 (bin-1)), 2^(40 (bin-2)), rounded to nearest even.
double round_digits(std::int64_t high, std::int64_t middle, std::int64_t low, int bin) {
  using Wide = __int128;
  // carries: middle and low become digits in [0, 2^40)
  const std::int64_t mask = (std::int64_t{1} << kDigitBits) - 1;
  const Wide carried = static_cast<Wide>(middle) + (low >> kDigitBits);
  Wide upper = (static_cast<Wide>(high) << kDigitBits) + carried;  // in units of 2^(40 (bin-1))
  std::int64_t rest = low & mask;                                  // in units of 2^(40 (bin-2))
  const bool negative = upper < 0;
  if (negative) {  // -(upper * 2^40 + rest)
    upper = -upper;
    if (rest != 0) {
      upper -= 1;
      rest = (mask + 1) - rest;
    }
  }
  if (upper == 0 && rest == 0) return 0.0;

  // The leading 64 bits as an integer whose last bit also says whether anything follows: one rounding.
  const auto magnitude = static_cast<unsigned __int128>(upper);
  const auto upper_high = static_cast<std::uint64_t>(magnitude >> 64);
  int bits = upper_high != 0  ? 128 - __builtin_clzll(upper_high)
             : magnitude != 0 ? 64 - __builtin_clzll(static_cast<std::uint64_t>(magnitude))
                              : 0;
  std::uint64_t leading = 0;
  int exponent = kDigitBits * (bin - 2);
  if (bits >= 64) {
    const int drop = bits - 64;
    leading = static_cast<std::uint64_t>(magnitude >> drop);
    const bool sticky = (magnitude & ((static_cast<unsigned __int128>(1) << drop) - 1)) != 0 || rest != 0;
    leading |= sticky ? 1u : 0u;
    exponent += kDigitBits + drop;
  } else {
    const int room = std::min(64 - bits, kDigitBits);  // bits of `rest` that still fit
    const int drop = kDigitBits - room;
    leading = bits == 0 ? 0 : static_cast<std::uint64_t>(magnitude) << room;
    leading |= static_cast<std::uint64_t>(rest) >> drop;
    leading |= (rest & ((std::int64_t{1} << drop) - 1)) != 0 ? 1u : 0u;
    exponent += drop;
  }
  const double value = std::ldexp(static_cast<double>(leading), exponent);
  return negative ? -value : value;
}

double round_entry(std::int64_t high, std::int64_t middle, std::int64_t low, int bin, std::uint8_t marks) {
  const bool positive = (marks & kPositiveInfinity) != 0, negative = (marks & kNegativeInfinity) != 0;
  if ((marks & kNan) != 0 || (positive && negative)) return std::numeric_limits<double>::quiet_NaN();
  if (positive) return std::numeric_limits<double>::infinity();
  if (negative) return -std::numeric_limits<double>::infinity();
  return round_digits(high, middle, low, bin);
}

}  // namespace

ExactSum::ExactSum(std::size_t size)
    : scale_(size, scale_of(kLowestBin)),
      high_(size, 0),
      middle_(size, 0),
      low_(size, 0),
      leading_(size, static_cast<std::int8_t>(kLowestBin)),
      marks_(size, 0) {}

void ExactSum::clear() {
  *this = ExactSum(size());
}

void ExactSum::require_entries(std::size_t first, std::size_t count, const char* where) const {
  if (first > size() || count > size() - first) throw std::out_of_range(where);
}

std::size_t ExactSum::first_of_all(std::size_t count) const {
  if (count != size()) throw std::out_of_range("ExactSum: not as many values as entries");
  return 0;
}

void ExactSum::add(std::size_t offset, std::span<const double> values) {
  require_entries(offset, values.size(), "ExactSum::add");
  if (++additions_since_check_ == kAdditionsPerCheck) {
    check_headroom();
    additions_since_check_ = 0;
  }
  for (std::size_t begin = 0; begin < values.size(); begin += kStride) {
    add_tile(offset + begin, values.subspan(begin, std::min(kStride, values.size() - begin)));
  }
}

void ExactSum::add_tile(std::size_t first, std::span<const double> values) {
  const std::size_t count = values.size();
  double* const scale = scale_.data() + first;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) bits |= std::bit_cast<std::uint64_t>(values[i]) << 1;
  if (bits == 0) return;  // zeros alone, of either sign: what a block does not touch
  int outside = 0;
  for (std::size_t i = 0; i < count; ++i) {
    outside |= static_cast<int>(!(std::abs(values[i] * scale[i]) < kDigitLimit));  // true for NaN as well
  }
  std::array<double, kStride> admitted;
  const double* addends = values.data();
  if (outside != 0) {
    for (std::size_t i = 0; i < count; ++i) admitted[i] = admit(first + i, values[i]);
    addends = admitted.data();
  }
  std::int64_t* const high = high_.data() + first;
  std::int64_t* const middle = middle_.data() + first;
  std::int64_t* const low = low_.data() + first;
  for (std::size_t i = 0; i < count; ++i) {  // every step is exact
    const double x = addends[i] * scale[i];
    const double digit0 = std::trunc(x);
    const double rest0 = (x - digit0) * kDigitLimit;
    const double digit1 = std::trunc(rest0);
    const double digit2 = std::trunc((rest0 - digit1) * kDigitLimit);
    high[i] += static_cast<std::int64_t>(digit0);
    middle[i] += static_cast<std::int64_t>(digit1);
    low[i] += static_cast<std::int64_t>(digit2);
  }
}

/// The slow path: lifts the entry's window so that `value` fits, or marks a non-finite value and returns 0.
double ExactSum::admit(std::size_t entry, double value) {
  if (!std::isfinite(value)) {
    marks_[entry] |= std::isnan(value) ? kNan : value > 0 ? kPositiveInfinity : kNegativeInfinity;
    ++non_finite_count_;
    return 0.0;
  }
  if (!(std::abs(value * scale_[entry]) < kDigitLimit)) raise(entry, bin_of(value));
  return value;
}

void ExactSum::raise(std::size_t entry, int bin) {
  std::array<std::int64_t, 3> digits = {high_[entry], middle_[entry], low_[entry]};
  lower(digits, bin - leading_[entry]);
  high_[entry] = digits[0], middle_[entry] = digits[1], low_[entry] = digits[2];
  leading_[entry] = static_cast<std::int8_t>(bin);
  scale_[entry] = scale_of(bin);
}

void ExactSum::check_headroom() const {
  // An addend changes a digit by less than 2^40, so 2^20 additions by less than 2^60.
  const auto near_limit = [](std::int64_t digit) { return digit > kHeadroom || digit < -kHeadroom; };
  if (std::any_of(high_.begin(), high_.end(), near_limit) ||
      std::any_of(middle_.begin(), middle_.end(), near_limit) ||
      std::any_of(low_.begin(), low_.end(), near_limit)) {
    throw std::length_error("more than 2^22 additions to an entry of an ExactSum");
  }
}

void ExactSum::merge(const ExactSum& other) {
  if (other.size() != size()) throw std::out_of_range("ExactSum::merge");
  std::vector<Element> mine(size()), theirs(other.size());
  store(mine);
  other.store(theirs);
  merge_elements(theirs, mine);
  const std::int64_t count = non_finite_count_ + other.non_finite_count_;
  load(mine);
  non_finite_count_ = count;
}

void ExactSum::round_into(std::size_t first, std::span<double> sums) const {
  require_entries(first, sums.size(), "ExactSum::round_into");
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t entry = first + i;
    sums[i] = round_entry(high_[entry], middle_[entry], low_[entry], leading_[entry], marks_[entry]);
  }
}

void ExactSum::store(std::size_t first, std::span<Element> elements) const {
  require_entries(first, elements.size(), "ExactSum::store");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::size_t entry = first + i;
    elements[i] = {make_tag(leading_[entry], marks_[entry]), {high_[entry], middle_[entry], low_[entry]}};
  }
}

void ExactSum::load(std::size_t first, std::span<const Element> elements) {
  require_entries(first, elements.size(), "ExactSum::load");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::size_t entry = first + i;
    const int bin = bin_of_tag(elements[i].tag);
    leading_[entry] = static_cast<std::int8_t>(bin);
    scale_[entry] = scale_of(bin);
    marks_[entry] = marks_of_tag(elements[i].tag);
    high_[entry] = elements[i].digits[0];
    middle_[entry] = elements[i].digits[1];
    low_[entry] = elements[i].digits[2];
  }
}

ExactSum::Element ExactSum::counters(const std::array<std::int64_t, 3>& values) {
  return {kCounters, values};
}

void ExactSum::merge_elements(std::span<const Element> from, std::span<Element> into) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    Element other = from[i];
    Element& mine = into[i];
    if ((mine.tag & kCounters) == 0) {
      const int bin = std::max(bin_of_tag(mine.tag), bin_of_tag(other.tag));
      lower(mine.digits, bin - bin_of_tag(mine.tag));
      lower(other.digits, bin - bin_of_tag(other.tag));
      mine.tag = make_tag(bin, static_cast<std::uint8_t>(marks_of_tag(mine.tag) | marks_of_tag(other.tag)));
    }
    for (std::size_t d = 0; d < 3; ++d) mine.digits[d] += other.digits[d];
  }
}

}  // namespace jensen
