#include "io/tokenizer.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace jensen;
using io::Tokenizer;
using Words = std::vector<std::string>;

namespace {

Words words_of(std::string_view text, Index minimum_length = 1) {
  Tokenizer tokenizer(minimum_length);
  Words words;
  tokenizer.split(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

}  // namespace

TEST_CASE("words are runs of letters in lower case", "[tokenizer]") {
  CHECK(words_of("") == Words{});
  CHECK(words_of(" .,;42 ") == Words{});
  CHECK(words_of("One two\tTHREE") == Words{"one", "two", "three"});
  CHECK(words_of("x1y_z-w'v") == Words{"x", "y", "z", "w", "v"});
  CHECK(words_of("@[`{az AZ") == Words{"az", "az"});  // the neighbours of the letters in ASCII
  CHECK(words_of("a bb ccc dddd", 3) == Words{"ccc", "dddd"});
  CHECK(words_of("\xc3\xa9\xc3\xa9 e", 2) == Words{"\xc3\xa9\xc3\xa9"});  // letters are counted, not bytes
}

TEST_CASE("letters beyond ASCII", "[tokenizer]") {
  CHECK(words_of("ÄÖÜß ÉCOLE Ÿ Ž Ł Ő İ") == Words{"äöüß", "école", "ÿ", "ž", "ł", "ő", "i"});
  CHECK(words_of("ŃŅŇ ĹĽŁ ẞ ẮỲ") == Words{"ńņň", "ĺľł", "ß", "ắỳ"});
  CHECK(words_of("ΆΈΉΊΌΎΏ ΑΩΪΫ") == Words{"άέήίόύώ", "αωϊϋ"});
  CHECK(words_of("ЀЏ АЯ Ѡ Ӏ Ӂ Ґ Ԯ") == Words{"ѐџ", "ая", "ѡ", "ӏ", "ӂ", "ґ", "ԯ"});
  CHECK(words_of("ԱՖ") == Words{"աֆ"});
  CHECK(words_of("日本語 ไทย हिन्दी עברית") == Words{"日本語", "ไทย", "हिन्दी", "עברית"});
}

TEST_CASE("signs beyond ASCII part words", "[tokenizer]") {
  CHECK(words_of("a—b“c”d…e") == Words{"a", "b", "c", "d", "e"});
  CHECK(words_of("a×b÷c€d¿e«f»") == Words{"a", "b", "c", "d", "e", "f"});
  CHECK(words_of("a\xc2\xa0"
                 "b\xe2\x80\x89"
                 "c\xe3\x80\x80"
                 "d") == Words{"a", "b", "c", "d"});  // blanks
  CHECK(words_of("a😀b→c") == Words{"a", "b", "c"});
}

TEST_CASE("lower case keeps what has none", "[tokenizer]") {
  for (char32_t c = 0; c <= 0x2fff; ++c) {
    CAPTURE(static_cast<std::uint32_t>(c));
    REQUIRE(io::lower_case(io::lower_case(c)) == io::lower_case(c));
    if (io::is_letter(c)) REQUIRE(io::is_letter(io::lower_case(c)));
  }
  for (const char32_t c : {0x138u, 0x149u, 0x17fu, 0xf7u, 0xd7u, 0x3c2u, 0x482u, 0x4cfu})
    CHECK(io::lower_case(c) == c);
}

TEST_CASE("bytes that are not UTF-8 part words and are counted", "[tokenizer]") {
  const auto broken_bytes = [](std::string_view text) {
    Tokenizer tokenizer(1);
    Words words;
    tokenizer.split(text, [&](std::string_view word) { words.emplace_back(word); });
    CHECK(words == Words{"a", "b"});
    return tokenizer.broken_bytes();
  };
  CHECK(broken_bytes("a\x80"
                     "b") == 1);  // a second byte without a first
  CHECK(broken_bytes("a\xc3"
                     "b") == 1);  // a first byte alone
  CHECK(broken_bytes("a\xc0\xaf"
                     "b") == 2);  // two bytes for what one can say
  CHECK(broken_bytes("a\xe0\x80\xaf"
                     "b") == 3);
  CHECK(broken_bytes("a\xed\xa0\x80"
                     "b") == 3);  // half of a pair of UTF-16
  CHECK(broken_bytes("a\xf4\x90\x80\x80"
                     "b") == 4);  // beyond the last character
  CHECK(broken_bytes("a\xff"
                     "b") == 1);
  CHECK(broken_bytes("a b\xe2\x82") == 2);  // cut off at the end
}
