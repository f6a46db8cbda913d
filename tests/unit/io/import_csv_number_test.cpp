#include "io/import_csv_number.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace jensen::io::csv;

TEST_CASE("short numbers have the bits of std::from_chars", "[import_csv]") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 200'000; ++i) {
    std::string text = random() % 2 == 0 ? "-" : "";
    for (std::uint64_t digits = random() % 18; digits > 0; --digits) {
      text += static_cast<char>('0' + random() % 10);
      if (random() % 6 == 0 && text.find('.') == std::string::npos) text += '.';
    }
    if (random() % 8 == 0) text += "e-3";
    text += ",";
    double expected = 0, value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), expected);
    const char* plain = read_plain_number(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) {
      REQUIRE(plain == nullptr);
    } else {
      REQUIRE(plain == end);
      REQUIRE(std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(expected));
    }
  }
}

TEST_CASE("kinds of cells", "[import_csv]") {
  const auto kind = [](const std::string& text) {
    double value = 0;
    return read_cell(text, value);
  };
  for (const char* number : {"0", "-0.", "+1", ".5", "1e308", "1e-999", "-1E+2", "0e999"}) {
    CHECK(kind(number) == CellKind::number);
  }
  for (const char* missing : {"NA", "na", "nan", "NaN", "-nan", "n/a", "NULL", "None"}) {
    CHECK(kind(missing) == CellKind::missing);
  }
  for (const char* infinite : {"inf", "-Inf", "+infinity", "-INFINITY"}) {
    CHECK(kind(infinite) == CellKind::infinite);
  }
  for (const char* text : {"x", "-", "+", "+-1", "1,5", "1e", "e5", "1 2", "nan(1)", "0x1", "+na"}) {
    CHECK(kind(text) == CellKind::text);
  }
  CHECK(kind("") == CellKind::empty);
  CHECK(kind("2e308") == CellKind::too_large);
  CHECK(kind("0.000001e400") == CellKind::too_large);
}
