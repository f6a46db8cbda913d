#include "element.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace jensen::app::plot {
namespace {

constexpr std::array<std::string_view, 6> kSelfClosing = {"path",   "line",    "rect",
                                                          "circle", "ellipse", "meta"};
constexpr const char* kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Bytes of the UTF-8 character at the beginning of the text; 0 where there is none that XML allows.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\n' || first == '\t' ? 1 : 0;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second >= 0xA0;
  const bool too_large = first == 0xF4 && second >= 0x90;
  const bool no_character = first == 0xEF && second == 0xBF && byte(2) >= 0xBE;  // U+FFFE, U+FFFF
  return overlong || surrogate || too_large || no_character ? 0 : length;
}

void write_escaped(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    switch (text.front()) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        if (length == 0) {
          out += kReplacement;
        } else {
          out += text.substr(0, length);
        }
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

}  // namespace

std::string short_number(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

Element& Element::set(std::string name, std::string value) {
  attributes_.emplace_back(std::move(name), std::move(value));
  return *this;
}

Element& Element::text(std::string text) {
  children_.emplace_back(std::string());
  children_.back().text_ = std::move(text);
  return *this;
}

Element& Element::add(Element child) {
  return children_.emplace_back(std::move(child));
}

Element& Element::add(std::string tag, std::string text) {
  return add(std::move(tag)).text(std::move(text));
}

void Element::write(std::string& out) const {
  if (tag_.empty()) return write_escaped(text_, out);
  out += '<' + tag_;
  for (const auto& [name, value] : attributes_) {
    out += ' ' + name + "=\"";
    write_escaped(value, out);
    out += '"';
  }
  if (children_.empty() && std::find(kSelfClosing.begin(), kSelfClosing.end(), tag_) != kSelfClosing.end()) {
    out += "/>";
    return;
  }
  out += '>';
  for (const Element& child : children_) child.write(out);
  out += "</" + tag_ + '>';
}

Element make_svg(double width, double height, std::string label) {
  Element svg("svg");
  svg.set("xmlns", "http://www.w3.org/2000/svg")
      .set("width", width)
      .set("height", height)
      .set("viewBox", fmt::format("0 0 {} {}", short_number(width), short_number(height)))
      .set("role", "img")
      .set("aria-label", std::move(label));
  return svg;
}

Element& add_label(Element& parent, double x, double y, const char* anchor, std::string text) {
  Element& label = parent.add("text", std::move(text));
  return label.set("x", x).set("y", y).set("text-anchor", std::string(anchor));
}

double text_width(const std::string& text, double font_size) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // not the rest of a UTF-8 character
  });
  return 0.64 * font_size * static_cast<double>(characters);
}

std::string shortened(const std::string& text, double font_size, double width) {
  if (text_width(text, font_size) <= width) return text;
  std::string kept;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(character_length(std::string_view(text).substr(i)), 1);
    if (text_width(kept + text.substr(i, length), font_size) + font_size > width) break;
    kept += text.substr(i, length);
    i += length;
  }
  return kept + "\xE2\x80\xA6";  // ...
}

}  // namespace jensen::app::plot
