#include "jensen/io/results.hpp"

#include <catch2/catch.hpp>
#include <numeric>

#include "jensen/io/dataset.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::TempDir;

namespace {

using Type = io::ResultColumn::Type;

}  // namespace

TEST_CASE("results of one rank are written in rounds", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("out.h5");
  const Partition partition{.records = 100, .block_rows = 8};
  Document header;
  header.set_attribute("/", "format", "jensen-results");
  {
    io::ResultsWriter writer(
        file, partition, {{.name = "labels", .type = Type::int32}, {.name = "responsibilities", .width = 3}},
        header, {}, 8 * 8 * 3 * 2);  // two blocks a round
    REQUIRE(writer.rounds() == 7);
    CHECK(writer.rows(6).count == 4);
    CHECK(writer.rows(6).first_block == 12);
    CHECK(writer.rows(6).block_count == 1);
    std::vector<std::int32_t> labels(100);
    std::iota(labels.begin(), labels.end(), -3);
    writer.write_all("labels", labels);
    for (Index round = 0; round < writer.rounds(); ++round) {
      const auto rows = writer.rows(round);
      RowMatrix responsibilities(rows.count, 3);
      for (Index row = 0; row < rows.count; ++row) {
        const double r = static_cast<double>(rows.first + row) / 100;
        responsibilities.row(row) << r, 1 - r, 0;
      }
      writer.write(
          "responsibilities", round,
          std::span<const double>(responsibilities.data(), static_cast<std::size_t>(3 * rows.count)));
    }
    CHECK_FALSE(std::filesystem::exists(file));
    writer.finish();
  }
  CHECK(test::entries(directory.path()) == 1);
  const auto labels = io::load_labels(file + ":/labels", partition, {});
  CHECK(labels.front() == -3);
  CHECK(labels.back() == 96);
  CHECK(io::load_responsibilities(file + ":/responsibilities", partition, {})(77, 0) == 0.77);
}

TEST_CASE("an unfinished file never gets its name", "[io]") {
  const TempDir directory;
  {
    io::ResultsWriter writer(directory.file("out.h5"), Partition{.records = 8}, {{.name = "x"}}, {}, {});
    CHECK(test::entries(directory.path()) == 1);
    CHECK_THROWS_AS(writer.finish(), std::logic_error);
    CHECK_THROWS_AS(writer.write("y", 0, std::span<const double>()), std::logic_error);
    CHECK_THROWS_AS(writer.write("x", 0, std::span<const double>()), std::logic_error);
  }
  CHECK(test::entries(directory.path()) == 0);
}

TEST_CASE("a data set keeps values and names", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("data.h5");
  const RowMatrix values = RowMatrix::Random(50, 2);
  io::write_dataset_file(file, "data", values, {"a", "b"});
  const io::DatasetInfo info = io::inspect(file, {});
  CHECK(info.feature_names == std::vector<std::string>{"a", "b"});
  const io::LoadedData data = io::load(info, {}, {});
  for (Index n = 0; n < 50; ++n) CHECK(data.shard.original_record(n) == values.row(n));
  CHECK_THAT(test::sentence_of([&] { io::write_dataset_file(directory.file("no/data.h5"), "data", values); }),
             Catch::Contains("create it: mkdir -p"));
}
