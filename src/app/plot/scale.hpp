#pragma once

#include <limits>
#include <string>
#include <vector>

namespace jensen::app::plot {

/// A closed interval; made empty, it grows with what is included.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value);
  double span() const { return high - low; }
  /// Grows by this share of its span on both sides.
  Range padded(double share) const;
  /// At least so wide, about its middle.
  Range at_least(double span) const;
};

struct Tick {
  double value = 0;
  std::string label = {};
};

/// Round numbers in a range, and how their labels are to be read: value = base + label x 10^exponent.
struct Ticks {
  std::vector<Tick> list = {};
  std::string base = {};  // empty: 0
  int exponent = 0;

  /// "log-likelihood above 100 (10^-6 nats)", as far as it applies.
  std::string title(const std::string& quantity, const std::string& unit) const;
};

/// Multiples of 1, 2 or 5 times a power of ten, at most about `most` of them.
/// Their distance is at least `least_step`.
Ticks linear_ticks(const Range& range, int most, double least_step = 0);

/// Powers of ten.
Ticks log_ticks(const Range& range, int most);

/// Data to pixels along one direction.
class Scale {
 public:
  /// `range` becomes the pixels from ... to. A logarithmic range is positive, and is widened to whole
  /// decades.
  static Scale linear(Range range, double from, double to);
  /// Of something counted: no ticks between whole numbers.
  static Scale counting(Range range, double from, double to);
  static Scale logarithmic(Range range, double from, double to);

  double operator()(double value) const;
  /// Pixels for a unit of the data; of a linear scale.
  double unit() const { return (to_ - from_) / range_.span(); }
  /// The data at a pixel; of a linear scale.
  double value_at(double pixel) const { return range_.low + (pixel - from_) / unit(); }
  const Range& range() const { return range_; }
  double from() const { return from_; }
  double to() const { return to_; }
  Ticks ticks(int most) const;

 private:
  Range range_;
  double from_ = 0, to_ = 1;
  bool logarithmic_ = false, counting_ = false;
};

/// With a minus sign instead of a hyphen.
std::string with_minus(std::string number);

/// "10^-3", the exponent in superscript.
std::string power_of_ten(int exponent);

}  // namespace jensen::app::plot
