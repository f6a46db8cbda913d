#include "io/text_lines.hpp"

#include <zlib.h>

#include <catch2/catch.hpp>

#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using Lines = std::vector<std::string>;

namespace {

Lines lines_of(const std::string& file) {
  io::TextLines lines(file);
  Lines all;
  for (std::string_view line; lines.next(line);) {
    all.emplace_back(line);
    REQUIRE(lines.number() == static_cast<Index>(all.size()));
  }
  CHECK(lines.at_end());
  return all;
}

Lines lines_of_text(const std::string& text) {
  const test::TempDir directory;
  const std::string file = directory.file("text");
  test::write_file(file, text);
  return lines_of(file);
}

void compress(const std::string& file, const std::string& text) {
  const gzFile out = ::gzopen(file.c_str(), "wb");
  REQUIRE(::gzwrite(out, text.data(), static_cast<unsigned>(text.size())) == static_cast<int>(text.size()));
  REQUIRE(::gzclose_w(out) == Z_OK);
}

}  // namespace

TEST_CASE("lines end in LF or CRLF, the last one as well or not", "[text_lines]") {
  CHECK(lines_of_text("") == Lines{});
  CHECK(lines_of_text("\n") == Lines{""});
  CHECK(lines_of_text("a") == Lines{"a"});
  CHECK(lines_of_text("a\n") == Lines{"a"});
  CHECK(lines_of_text("a\r\n\r\nb\rc\r") == Lines{"a", "", "b\rc"});
  CHECK(lines_of_text("\xef\xbb\xbf"
                      "a\n\xef\xbb\xbf"
                      "b") == Lines{"a",
                                    "\xef\xbb\xbf"
                                    "b"});
}

TEST_CASE("lines longer than what is read at a time, stored or compressed", "[text_lines]") {
  const test::TempDir directory;
  Lines expected;
  std::string text;
  for (const std::size_t length :
       std::initializer_list<std::size_t>{5, 0, 1 << 20, (1 << 20) - 1, 3, 5'000'000, 17}) {
    expected.emplace_back(length, static_cast<char>('a' + length % 26));
    text += expected.back() + "\n";
  }
  CHECK(lines_of_text(text) == expected);
  compress(directory.file("text.gz"), text);
  CHECK(lines_of(directory.file("text.gz")) == expected);
}

TEST_CASE("files that cannot be read", "[text_lines]") {
  const test::TempDir directory;
  const auto refusal_of = [&](const std::string& name) {
    ExitCode code = ExitCode::success;
    const std::string sentence = test::sentence_of([&] { lines_of(directory.file(name)); }, &code);
    CHECK(code == ExitCode::input_rejected);
    return sentence;
  };
  CHECK_THAT(refusal_of("absent"), Catch::Contains("absent' (No such file or directory)"));
  CHECK_THAT(refusal_of(""), Catch::Contains("(it is a directory)"));
  std::string text;
  for (std::size_t i = 0; i < 300'000; ++i) text += std::to_string(i * 7919 % 1'003) + "\n";
  compress(directory.file("whole.gz"), text);
  const std::string whole = test::read_file(directory.file("whole.gz"));
  for (const std::size_t size : {std::size_t{30}, whole.size() / 2, whole.size() - 4}) {
    test::write_file(directory.file("cut.gz"), whole.substr(0, size));
    CHECK_THAT(refusal_of("cut.gz"), Catch::Contains("cut.gz' behind line") && Catch::Contains("is damaged"));
  }
  std::string altered = whole;
  altered[whole.size() / 2] = static_cast<char>(altered[whole.size() / 2] ^ 4);
  test::write_file(directory.file("altered.gz"), altered);
  CHECK_THAT(refusal_of("altered.gz"), Catch::Contains("is damaged"));
}
