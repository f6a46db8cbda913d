#include "tokenizer.hpp"

#include <algorithm>
#include <array>

namespace jensen::io {
namespace {

struct Range {
  char32_t first, last;
};

// Above ASCII, in order (blocks of The Unicode Standard 15).
constexpr std::array kNoLetters = {
    Range{0x80, 0xa9},      Range{0xab, 0xb4},     Range{0xb6, 0xb9},     Range{0xbb, 0xbf},
    Range{0xd7, 0xd7},      Range{0xf7, 0xf7},     Range{0x2c2, 0x2df},   Range{0x37e, 0x37e},
    Range{0x387, 0x387},    Range{0x55a, 0x55f},   Range{0x589, 0x58f},   Range{0x5be, 0x5be},
    Range{0x5c0, 0x5c0},    Range{0x5c3, 0x5c3},   Range{0x5f3, 0x5f4},   Range{0x600, 0x60f},
    Range{0x61b, 0x61f},    Range{0x660, 0x66d},   Range{0x6d4, 0x6d4},   Range{0x6f0, 0x6f9},
    Range{0x964, 0x96f},    Range{0xe4f, 0xe5b},   Range{0x2000, 0x206f}, Range{0x2070, 0x20cf},
    Range{0x2100, 0x2bff},  Range{0x2e00, 0x2e7f}, Range{0x3000, 0x3004}, Range{0x3007, 0x3020},
    Range{0x3030, 0x3030},  Range{0x303d, 0x303f}, Range{0x30fb, 0x30fb}, Range{0xe000, 0xf8ff},
    Range{0xfe10, 0xfe1f},  Range{0xfe30, 0xfe6f}, Range{0xfeff, 0xfeff}, Range{0xff00, 0xff20},
    Range{0xff3b, 0xff40},  Range{0xff5b, 0xff65}, Range{0xfff0, 0xffff}, Range{0x1f000, 0x1faff},
    Range{0xe0000, 0xe0fff}};

/// Decodes the character at `at`; its length in bytes, or 0 where the bytes are not UTF-8.
std::size_t decode(std::string_view text, std::size_t at, char32_t& character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length == 0 || at + length > text.size()) return 0;
  character = lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    character = (character << 6) | (byte(i) & 0x3fu);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  return character < kLeast[length] || character > 0x10ffff || surrogate ? 0 : length;
}

void encode(char32_t c, std::string& into) {
  const auto add = [&](char32_t bits) { into += static_cast<char>(bits); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xc0 | (c >> 6)), add(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    add(0xe0 | (c >> 12)), add(0x80 | ((c >> 6) & 0x3f)), add(0x80 | (c & 0x3f));
  } else {
    add(0xf0 | (c >> 18)), add(0x80 | ((c >> 12) & 0x3f)), add(0x80 | ((c >> 6) & 0x3f)),
        add(0x80 | (c & 0x3f));
  }
}

bool within(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

char32_t lower_latin(char32_t c) {
  if (within(c, 0xc0, 0xde)) return c == 0xd7 ? c : c + 0x20;
  if (c == 0x130) return 'i';
  if (c == 0x178) return 0xff;
  if (within(c, 0x139, 0x148) || within(c, 0x179, 0x17e)) return c % 2 == 1 ? c + 1 : c;
  if (within(c, 0x100, 0x177) && c != 0x138 && c != 0x149) return c | 1;
  if (c == 0x189 || c == 0x18a) return c + 0xcd;
  if (c == 0x18f) return 0x259;
  if (within(c, 0x1cd, 0x1dc)) return c % 2 == 1 ? c + 1 : c;
  if (within(c, 0x1de, 0x1ef) || within(c, 0x1f8, 0x21f) || within(c, 0x222, 0x233)) return c | 1;
  if (c == 0x1e9e) return 0xdf;
  if (within(c, 0x1e00, 0x1e95) || within(c, 0x1ea0, 0x1eff)) return c | 1;
  return within(c, 0xff21, 0xff3a) ? c + 0x20 : c;
}

char32_t lower_greek(char32_t c) {
  if (c == 0x386) return 0x3ac;
  if (within(c, 0x388, 0x38a)) return c + 0x25;
  if (c == 0x38c) return 0x3cc;
  if (c == 0x38e || c == 0x38f) return c + 0x3f;
  return within(c, 0x391, 0x3ab) && c != 0x3a2 ? c + 0x20 : c;
}

char32_t lower_cyrillic(char32_t c) {
  if (c <= 0x40f) return c + 0x50;
  if (within(c, 0x410, 0x42f)) return c + 0x20;
  if (c == 0x4c0) return 0x4cf;
  if (within(c, 0x4c1, 0x4ce)) return c % 2 == 1 ? c + 1 : c;
  if (within(c, 0x460, 0x481) || within(c, 0x48a, 0x4bf) || within(c, 0x4d0, 0x52f)) return c | 1;
  return c;
}

}  // namespace

char32_t lower_case(char32_t c) {
  if (within(c, 'A', 'Z')) return c + 0x20;
  if (within(c, 0x386, 0x3ab)) return lower_greek(c);
  if (within(c, 0x400, 0x52f)) return lower_cyrillic(c);
  if (within(c, 0x531, 0x556)) return c + 0x30;
  return lower_latin(c);
}

bool is_letter(char32_t c) {
  const auto range = std::lower_bound(kNoLetters.begin(), kNoLetters.end(), c,
                                      [](const Range& r, char32_t value) { return r.last < value; });
  return range == kNoLetters.end() || c < range->first;
}

bool Tokenizer::take(std::string_view text, std::size_t& at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x80) {
    ++at;
    const auto lower = static_cast<char>(byte | 0x20);
    if (lower < 'a' || lower > 'z') return false;
    word_ += lower;
    ++letters_;
    return true;
  }
  char32_t character = 0;
  const std::size_t length = decode(text, at, character);
  at += length == 0 ? 1 : length;
  if (length == 0) ++broken_bytes_;
  if (length == 0 || !is_letter(character)) return false;
  encode(lower_case(character), word_);
  ++letters_;
  return true;
}

}  // namespace jensen::io
