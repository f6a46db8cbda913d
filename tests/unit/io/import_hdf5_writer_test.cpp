#include "io/import_hdf5_writer.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <optional>

#include "import_fixture.hpp"

using namespace jensen::testing;
using Catch::Matchers::Contains;
using jensen::IoError;
using jensen::io::Hdf5Writer;

namespace {

void fill(Hdf5Writer<double>& writer, int rows) {
  for (int i = 0; i < rows; ++i) {
    double* row = writer.next_row();
    row[0] = 1000.0 + i;
    row[1] = -0.5 * i;
    writer.keep_row();
  }
}

}  // namespace

TEST_CASE("a file altered before it is published is refused", "[import_csv]") {
  const Workplace place;
  Hdf5Writer<double> writer(place.output(), {.features = 2, .feature_names = {"first", "second"}});
  fill(writer, 100'000);
  writer.seal();
  writer.verify();
  const std::string sound = place.read(writer.temporary().string());
  const double value = 1000.0 + 99'999;
  const std::string bits(reinterpret_cast<const char*>(&value), sizeof value);
  for (const std::string& part : {bits, std::string("second")}) {
    const auto position = sound.find(part);
    REQUIRE(position != std::string::npos);
    std::string altered = sound;
    altered[position + 1] = static_cast<char>(altered[position + 1] ^ 1);
    std::ofstream(writer.temporary(), std::ios::binary) << altered;
    CHECK_THROWS_AS(writer.verify(), IoError);
    CHECK_THROWS_WITH(writer.verify(), Contains("reads back unlike what was written"));
  }
  std::ofstream(writer.temporary(), std::ios::binary) << sound.substr(0, sound.size() / 2);
  CHECK_THROWS_WITH(writer.verify(), Contains("cannot be read back"));
  std::ofstream(writer.temporary(), std::ios::binary) << sound;
  writer.verify();
  CHECK(place.files().size() == 1);
  writer.publish();
  CHECK(place.files() == std::vector<std::string>{"out.h5"});
}

TEST_CASE("a writer that is given up leaves nothing", "[import_csv]") {
  const Workplace place;
  for (const int rows : {0, 10, 100'000}) {
    {
      Hdf5Writer<double> writer(place.output(), {.features = 2});
      fill(writer, rows);
      CHECK(place.files().size() == 1);
    }
    CHECK(place.files().empty());
  }
}
