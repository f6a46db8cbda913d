#pragma once

#include <concepts>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace jensen::app::plot {

/// At most `decimals` digits behind the point, without zeros at the end: "12.5".
std::string short_number(double value, int decimals = 2);

/// An element of HTML or SVG: attributes, texts and elements in it. Texts are escaped when they are written;
/// bytes that no page may hold (control characters, broken UTF-8) are written as U+FFFD.
class Element {
 public:
  explicit Element(std::string tag) : tag_(std::move(tag)) {}

  Element& set(std::string name, std::string value);
  Element& set(std::string name, std::floating_point auto value) {
    return set(std::move(name), short_number(value));
  }
  Element& text(std::string text);

  /// Appends; the references stay valid.
  Element& add(Element child);
  Element& add(std::string tag) { return add(Element(std::move(tag))); }
  Element& add(std::string tag, std::string text);

  void write(std::string& out) const;

 private:
  std::string tag_;  // empty: a text
  std::string text_ = {};
  std::vector<std::pair<std::string, std::string>> attributes_ = {};
  std::list<Element> children_ = {};
};

/// The drawing area of a figure, in pixels, that scales with the page. `label` is read out to the blind.
Element make_svg(double width, double height, std::string label);

/// A text in a drawing at (x, y), the baseline's begin, middle or end.
Element& add_label(Element& parent, double x, double y, const char* anchor, std::string text);

/// Width in pixels of a text in the page's fonts, rather too large than too small.
double text_width(const std::string& text, double font_size);

/// The text, or its beginning and an ellipsis where it would be wider than `width`.
std::string shortened(const std::string& text, double font_size, double width);

}  // namespace jensen::app::plot
