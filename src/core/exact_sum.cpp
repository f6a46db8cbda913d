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

/// 2^exponent, a normal number.
double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

double scale_of(int bin) {
  return power_of_two(-kDigitBits * bin);
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
  // of its leading bit; what is below all normal numbers is below the lowest bin
  const int bit = static_cast<int>(std::bit_cast<std::uint64_t>(value) >> 52 & 0x7ff) - 1023;
  constexpr int kBelow = 32;  // bins that make the dividend positive
  return std::max((bit + kBelow * kDigitBits) / kDigitBits - kBelow, kLowestBin);
}

/// Moves the digits down by `steps` bins; what leaves the window is dropped.
void lower(std::array<std::int64_t, 3>& digits, int steps) {
  for (int i = 2; i >= 0; --i) {
    digits[static_cast<std::size_t>(i)] = i >= steps ? digits[static_cast<std::size_t>(i - steps)] : 0;
  }
}

/// The sum of three digits in units of 2^unit, such that it fits. Where it would not, what is cut off leaves
/// a last bit behind, far below those that a double keeps, to say that it was there.
__int128 sum_of_digits(std::int64_t high, std::int64_t middle, std::int64_t low, int& unit) {
  using Wide = __int128;
  constexpr std::int64_t kSmall = std::int64_t{1} << 45, kOne = std::int64_t{1} << kDigitBits;
  const Wide upper = static_cast<Wide>(high) * kOne + middle;
  if (high > -kSmall && high < kSmall) return upper * kOne + low;
  unit += kDigitBits - 1;
  return 2 * (upper + (low >> kDigitBits)) + static_cast<int>((low & (kOne - 1)) != 0);
}

/// The sum of three digits of weight 2^(40 bin), 2^(40 (bin-1)), 2^(40 (bin-2)), rounded to nearest even.
double round_digits(std::int64_t high, std::int64_t middle, std::int64_t low, int bin) {
  using Wide = unsigned __int128;
  int exponent = kDigitBits * (bin - 2);
  const auto sum = static_cast<Wide>(sum_of_digits(high, middle, low, exponent));
  const Wide sign = 0 - (sum >> 127);  // ones alone if negative
  const Wide magnitude = (sum ^ sign) - sign;
  if (magnitude == 0) return 0.0;
  const auto upper = static_cast<std::uint64_t>(magnitude >> 64);
  const int zeros =
      upper != 0 ? __builtin_clzll(upper) : 64 + __builtin_clzll(static_cast<std::uint64_t>(magnitude));
  // The leading 64 bits, of which the last also says whether anything follows: one rounding.
  const Wide shifted = magnitude << zeros;
  const std::uint64_t follows = static_cast<std::uint64_t>(shifted) != 0 ? 1 : 0;
  const auto leading = static_cast<double>(static_cast<std::uint64_t>(shifted >> 64) | follows);
  exponent += 64 - zeros;
  const bool normal = exponent >= -1022 && exponent <= 1023;
  const double value = normal ? leading * power_of_two(exponent) : std::ldexp(leading, exponent);
  return sign != 0 ? -value : value;
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

void ExactSum::clear() {  // in place: new memory would cost more than the pass of a small data set
  std::fill(scale_.begin(), scale_.end(), scale_of(kLowestBin));
  for (auto* digits : {&high_, &middle_, &low_}) std::fill(digits->begin(), digits->end(), 0);
  std::fill(leading_.begin(), leading_.end(), static_cast<std::int8_t>(kLowestBin));
  std::fill(marks_.begin(), marks_.end(), std::uint8_t{0});
  non_finite_count_ = 0;
  additions_since_check_ = 0;
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
  if (std::abs(value * scale_[entry]) < kDigitLimit) return value;
  if (!std::isfinite(value)) {
    marks_[entry] |= std::isnan(value) ? kNan : value > 0 ? kPositiveInfinity : kNegativeInfinity;
    ++non_finite_count_;
    return 0.0;
  }
  raise(entry, bin_of(value));
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
