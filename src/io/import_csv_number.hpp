#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace jensen::io::csv {

/// What the text of a cell is.
enum class CellKind { number, empty, missing, infinite, too_large, text };

/// Reads a decimal number of at most 15 digits and no exponent at `p`, as std::from_chars would: the digits
/// and the power of ten are exact in a double, so the one division rounds correctly (Clinger 1990). Returns
/// the end of it, or nullptr where it is another text.
///
/// @pre something that is not part of a number follows
inline const char* read_short_number(const char* p, double& value) {
  constexpr std::array<double, 16> kPowers{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                           1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  std::uint64_t digits = 0;
  const auto take_digits = [&] {
    const char* begin = p;
    for (; static_cast<unsigned char>(*p - '0') < 10; ++p)
      digits = digits * 10 + static_cast<unsigned char>(*p - '0');
    return static_cast<std::size_t>(p - begin);
  };
  const bool negative = *p == '-';
  if (negative) ++p;
  const std::size_t whole = take_digits();
  std::size_t decimals = 0;
  if (*p == '.') {
    ++p;
    decimals = take_digits();
  }
  const std::size_t count = whole + decimals;
  if (count == 0 || count >= kPowers.size() || *p == 'e' || *p == 'E') return nullptr;
  const double magnitude = static_cast<double>(digits) / kPowers[decimals];
  value = negative ? -magnitude : magnitude;
  return p;
}

/// Reads a finite number at `first`, with an optional leading '+'. Returns the end of it, or nullptr where
/// there is none or its value needs the care of `read_cell`.
template <class T>
const char* read_plain_number(const char* first, const char* last, T& value) {
  if constexpr (std::is_same_v<T, double>) {
    if (const char* end = read_short_number(first, value)) return end;
  }
  if (*first == '+') {
    ++first;
    if (*first == '-') return nullptr;
  }
  const auto [end, error] = std::from_chars(first, last, value);
  return error == std::errc{} && std::isfinite(value) ? end : nullptr;
}

/// Reads a whole cell without surrounding blanks; sets `value` where the kind is `number`. A number too small
/// for T is a zero of its sign.
template <class T>
CellKind read_cell(std::string_view cell, T& value);

}  // namespace jensen::io::csv
