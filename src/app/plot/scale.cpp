#include "scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace jensen::app::plot {
namespace {

/// The smallest of 1, 2, 5, 10 times a power of ten that is not below.
double round_up(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

int decimals_for(double step) {
  return std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
}

double largest(const Range& range) {
  return std::max(std::abs(range.low), std::abs(range.high));
}

/// Multiples of three, so that labels have one to three digits before the point; 0 for ordinary numbers.
int exponent_for(double magnitude) {
  if (magnitude < 1e6 && magnitude >= 1e-3) return 0;
  return 3 * static_cast<int>(std::floor(std::log10(magnitude) / 3));
}

}  // namespace

void Range::include(double value) {
  low = std::min(low, value);
  high = std::max(high, value);
}

Range Range::padded(double share) const {
  return {low - share * span(), high + share * span()};
}

Range Range::at_least(double least) const {
  if (span() >= least) return *this;
  const double middle = low / 2 + high / 2;
  return {middle - least / 2, middle + least / 2};
}

std::string with_minus(std::string number) {
  if (number.starts_with('-')) number.replace(0, 1, "\xE2\x88\x92");
  return number;
}

std::string power_of_ten(int exponent) {
  static constexpr std::array kDigits = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "10⁻" : "10";
  for (const char digit : std::to_string(std::abs(exponent))) {
    text += kDigits[static_cast<std::size_t>(digit - '0')];
  }
  return text;
}

std::string Ticks::title(const std::string& quantity, const std::string& unit) const {
  std::string text = quantity;
  if (!base.empty()) text += " above " + base;
  std::string measure = exponent == 0 ? unit : power_of_ten(exponent);
  if (exponent != 0 && !unit.empty()) measure += " " + unit;
  return measure.empty() ? text : fmt::format("{} ({})", text, measure);
}

Ticks linear_ticks(const Range& range, int most, double least_step) {
  Ticks ticks;
  const double step = std::max(round_up(range.span() / std::max(most, 1)), least_step);
  double base = 0;
  const bool needs_base = largest(range) / step > 2e6;  // labels would need more than seven digits
  if (needs_base) {
    const double unit = std::pow(10.0, std::ceil(std::log10(range.span())));
    base = std::floor(range.low / unit) * unit;
    ticks.base = with_minus(fmt::format("{:.{}f}", base, decimals_for(unit)));
  }
  const Range rest{range.low - base, range.high - base};
  ticks.exponent = exponent_for(largest(rest));
  const double factor = std::pow(10.0, ticks.exponent);
  const int decimals = decimals_for(step / factor);
  const double first = std::ceil(rest.low / step - 1e-6), last = std::floor(rest.high / step + 1e-6);
  for (double i = first; i <= last; ++i) {
    const double value = i == 0 ? 0 : i * step;
    ticks.list.push_back({base + value, with_minus(fmt::format("{:.{}f}", value / factor, decimals))});
  }
  return ticks;
}

Ticks log_ticks(const Range& range, int most) {
  Ticks ticks;
  const int first = static_cast<int>(std::ceil(std::log10(range.low) - 1e-6));
  const int last = static_cast<int>(std::floor(std::log10(range.high) + 1e-6));
  const int stride = std::max(1, (last - first + most) / std::max(most, 1));
  for (int exponent = last - (last - first) / stride * stride; exponent <= last; exponent += stride) {
    ticks.list.push_back({std::pow(10.0, exponent), power_of_ten(exponent)});
  }
  return ticks;
}

Scale Scale::linear(Range range, double from, double to) {
  Scale scale;
  // never narrower than what doubles tell apart
  scale.range_ = range.at_least(largest(range) > 0 ? 1e-11 * largest(range) : 1.0);
  scale.from_ = from;
  scale.to_ = to;
  return scale;
}

Scale Scale::counting(Range range, double from, double to) {
  Scale scale = linear(range.at_least(1), from, to);
  scale.counting_ = true;
  return scale;
}

Scale Scale::logarithmic(Range range, double from, double to) {
  Scale scale;
  const double low = std::floor(std::log10(range.low) + 1e-9),
               high = std::ceil(std::log10(range.high) - 1e-9);
  scale.range_ = {std::pow(10.0, low), std::pow(10.0, std::max(high, low + 1))};
  scale.from_ = from;
  scale.to_ = to;
  scale.logarithmic_ = true;
  return scale;
}

double Scale::operator()(double value) const {
  const double share = logarithmic_ ? std::log(value / range_.low) / std::log(range_.high / range_.low)
                                    : (value - range_.low) / range_.span();
  return from_ + share * (to_ - from_);
}

Ticks Scale::ticks(int most) const {
  return logarithmic_ ? log_ticks(range_, most) : linear_ticks(range_, most, counting_ ? 1 : 0);
}

}  // namespace jensen::app::plot
