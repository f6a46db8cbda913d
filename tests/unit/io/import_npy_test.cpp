#include "jensen/io/import_npy.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <cstring>

#include "import_fixture.hpp"
#include "io/npy_header.hpp"

using namespace jensen::testing;
using jensen::Index;
using jensen::io::import_npy;
using jensen::io::ImportProgress;

namespace {

/// An array of 4-byte integers n * 100 + d, as numpy.save writes it.
std::string array_file(Index records, Index features, bool by_columns) {
  std::string header = "{'descr': '<i4', 'fortran_order': " + std::string(by_columns ? "True" : "False") +
                       ", 'shape': (" + std::to_string(records) + ", " + std::to_string(features) + "), }\n";
  std::string text = "\x93NUMPY";
  text += std::string("\1\0", 2) + static_cast<char>(header.size()) + '\0' + header;
  for (Index i = 0; i < records * features; ++i) {
    const Index n = by_columns ? i % records : i / features, d = by_columns ? i / records : i % features;
    const auto value = static_cast<std::uint32_t>(100 * n + d);
    for (unsigned shift = 0; shift < 32; shift += 8) text += static_cast<char>(value >> shift & 255);
  }
  return text;
}

}  // namespace

TEST_CASE("An array is the same in either order and in pieces of any size", "[import_npy]") {
  const Index records = 23, features = 5;
  const bool by_columns = GENERATE(false, true);
  const std::int64_t piece_bytes = GENERATE(1, 20, 39, 40, 41, 100, 459, 460, 1 << 20);
  INFO("by columns: " << by_columns << ", pieces of " << piece_bytes << " bytes");
  const Workplace place;
  std::vector<ImportProgress> seen;
  const auto summary = import_npy(place.write(array_file(records, features, by_columns)), place.output(),
                                  {.columns = {"5", "2"}, .piece_bytes = piece_bytes},
                                  [&](const auto& now) { seen.push_back(now); });
  const Table table = place.read_output("/data");
  REQUIRE(table.shape == std::vector<hsize_t>{23, 2});
  for (Index n = 0; n < records; ++n) {
    CHECK(table.values[static_cast<std::size_t>(2 * n)] == static_cast<double>(100 * n + 4));
    CHECK(table.values[static_cast<std::size_t>(2 * n + 1)] == static_cast<double>(100 * n + 1));
  }
  CHECK(summary.records == records);
  CHECK(summary.features == 2);
  REQUIRE(!seen.empty());
  CHECK(seen.back().records == records);
  CHECK(seen.back().bytes_read == seen.back().bytes_total);
  const Index held = std::max<Index>(1, piece_bytes / ((by_columns ? 2 : features) * 4));
  CHECK(static_cast<Index>(seen.size()) == (records + held - 1) / held);
}

TEST_CASE("What an observer throws ends an import and leaves nothing", "[import_npy]") {
  const Workplace place;
  const auto input = place.write(array_file(9, 2, true));
  CHECK_THROWS_AS(import_npy(input, place.output(), {.piece_bytes = 8},
                             [](const ImportProgress& now) {
                               if (now.records > 4) throw jensen::IoError("enough");
                             }),
                  jensen::IoError);
  CHECK(place.files() == std::vector<std::string>{"in.csv"});
}

TEST_CASE("Damaged headers are read or refused by a sentence", "[import_npy]") {
  // every truncation and every single changed character of a header
  const std::string good = "{'descr': '>f8', 'fortran_order': True, 'shape': (3, 4), }   \n";
  const auto whole = jensen::io::parse_npy_header(good, "a.npy");
  CHECK((whole.kind == 'f' && whole.bytes == 8 && whole.by_columns && whole.records == 3));
  CHECK(whole.swapped == (std::endian::native == std::endian::little));
  std::size_t refused = 0;
  const auto read = [&](const std::string& text) {
    try {
      const auto header = jensen::io::parse_npy_header(text, "a.npy");
      CHECK(header.data_bytes() > 0);
    } catch (const jensen::InputError& error) {
      CHECK_THAT(error.what(), Catch::Contains("'a.npy'"));
      ++refused;
    }
  };
  CHECK_THROWS_WITH(jensen::io::parse_npy_header(
                        "{'descr': '<f2147483647', 'fortran_order': True, 'shape': (3, 4), }\n", "a.npy"),
                    Catch::Contains("'a.npy' holds float17179869176 ('<f2147483647')"));
  for (std::size_t length = 0; length < good.find('}'); ++length) read(good.substr(0, length));
  CHECK(refused == good.find('}'));
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (int character = 0; character < 256; ++character) {
      std::string text = good;
      text[place] = static_cast<char>(character);
      read(text);
    }
  }
}
