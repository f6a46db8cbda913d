#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

#include "jensen/io/dataset.hpp"
#include "jensen/io/results.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;

namespace {

constexpr Index kRecords = 1000, kFeatures = 3;

std::vector<double> example_values() {
  std::vector<double> values(kRecords * kFeatures);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  return values;
}

void write_input(const std::string& file, const std::vector<double>& values) {
  test::world().on_root([&] {
    const test::Handle out = io::create_output(file);
    test::add_dataset(out.get(), "x", {.shape = {kRecords, kFeatures}, .chunk = {37, 2}, .deflate = 1},
                      values);
    std::vector<double> weights(kRecords);
    for (std::size_t n = 0; n < weights.size(); ++n) weights[n] = static_cast<double>(n % 3);
    test::add_dataset(out.get(), "w", {.shape = {kRecords}}, weights);
    weights[1] = weights[998] = -1;
    test::add_dataset(out.get(), "bad", {.shape = {kRecords}}, weights);
    std::vector<std::int64_t> labels(kRecords);
    std::iota(labels.begin(), labels.end(), 0);
    test::add_dataset(out.get(), "labels", {.shape = {kRecords}}, labels);
  });
}

io::LoadedData load(const std::string& file, const Communicator& comm, const io::ReadOptions& options = {}) {
  return io::load(io::inspect(file + ":/x", comm), options, comm);
}

}  // namespace

TEST_CASE("data are the same on any number of ranks", "[io]") {
  const test::TempDir directory;
  const std::string file = directory.file("x.h5");
  const std::vector<double> values = example_values();
  write_input(file, values);
  for (const char* weights : {"", "w"}) {
    for (const Index block_rows : {0, 8, 512}) {
      const io::ReadOptions options{.weights = weights, .block_rows = block_rows, .piece_bytes = 700};
      const io::LoadedData alone = load(file, {}, options);
      const Index before = io::rows_read();
      const io::LoadedData data = load(file, test::world(), options);
      const Partition& partition = data.shard.partition();
      CHECK(partition.size == test::world().size());
      CHECK(io::rows_read() - before == partition.own_records());
      CHECK(data.fingerprint == alone.fingerprint);
      CHECK(data.minimum == alone.minimum);
      CHECK(data.maximum == alone.maximum);
      bool same = true;
      for (Index own = 0; own < partition.own_records(); ++own) {
        same = same &&
               data.shard.original_record(own) == alone.shard.original_record(partition.first_record() + own);
      }
      CHECK(same);
    }
  }
}

TEST_CASE("bad input gives one sentence on every rank", "[io]") {
  const test::TempDir directory;
  const std::string file = directory.file("x.h5");
  std::vector<double> values = example_values();
  for (const std::size_t record :
       std::vector<std::size_t>{3, 4, 100, 101, 102, 300, 500, 501, 502, 900, 998, 999}) {
    values[record * kFeatures + 1] = std::numeric_limits<double>::quiet_NaN();
  }
  write_input(file, values);
  ExitCode code = ExitCode::success;
  CHECK(
      test::sentence_of([&] { load(file, test::world()); }, &code) ==
      "'" + file +
          ":/x' has NaN or infinite values in 12 records: 3, 4, 100, 101, 102, 300, 500, 501, 502, 900, ... "
          "(numbered from 0), the first of them in feature 1; remove these records or fill in their values");
  CHECK(code == ExitCode::input_rejected);
  CHECK_THAT(test::sentence_of([&] { load(file, test::world(), {.weights = "bad"}); }),
             Catch::Contains("are negative, NaN or infinite in 2 records: 1, 998 (numbered from 0)"));
  CHECK_THAT(test::sentence_of([&] { io::inspect(file + ":/y", test::world()); }),
             Catch::Contains("no data set '/y' in"));
  CHECK_THAT(test::sentence_of([&] { load(file, test::world(), {.weights = "labels_of_another"}); }),
             Catch::Contains("no data set '/labels_of_another' in"));
}

TEST_CASE("a file that one rank alone cannot read is refused on every rank", "[io]") {
  const test::TempDir directory;
  const std::string file = directory.file("x.h5");
  write_input(file, example_values());
  io::DatasetInfo info = io::inspect(file + ":/x", test::world());
  if (test::world().rank() == test::world().size() - 1) info.file = directory.file("absent.h5");
  CHECK_THAT(test::sentence_of([&] { io::load(info, {}, test::world()); }),
             Catch::Contains("absent.h5' (No such file or directory)"));
}

TEST_CASE("a file that is replaced before its values are read is refused on every rank", "[io]") {
  const test::TempDir directory;
  const std::string file = directory.file("x.h5");
  write_input(file, example_values());
  const io::DatasetInfo info = io::inspect(file + ":/x", test::world());
  write_input(file, std::vector<double>(kRecords * kFeatures, 1.0));
  CHECK_THAT(test::sentence_of([&] { io::load(info, {}, test::world()); }),
             Catch::Contains("x.h5:/x' changed while jensen was reading it"));
}

TEST_CASE("labels are each rank's own slice", "[io]") {
  const test::TempDir directory;
  const std::string file = directory.file("x.h5");
  write_input(file, example_values());
  const Partition partition{
      .records = kRecords, .block_rows = 64, .rank = test::world().rank(), .size = test::world().size()};
  const auto labels = io::load_labels(file + ":/labels", partition, test::world());
  std::vector<std::int64_t> expected(static_cast<std::size_t>(partition.own_records()));
  std::iota(expected.begin(), expected.end(), partition.first_record());
  CHECK(labels == expected);
}

TEST_CASE("results of all ranks end in record order in one file", "[io]") {
  const test::TempDir directory;
  const std::string file = directory.file("out.h5");
  const Partition partition{
      .records = 203, .block_rows = 16, .rank = test::world().rank(), .size = test::world().size()};
  Document header;
  header.set_attribute("/", "format", "jensen-results");
  io::ResultsWriter writer(
      file, partition, {{.name = "labels", .type = io::ResultColumn::Type::int32}, {.name = "r", .width = 2}},
      header, test::world(), 2 * 16 * 2 * 8);
  std::vector<std::int32_t> labels(static_cast<std::size_t>(partition.own_records()));
  std::iota(labels.begin(), labels.end(), static_cast<std::int32_t>(partition.first_record()));
  writer.write_all("labels", labels);
  for (Index round = 0; round < writer.rounds(); ++round) {
    const auto rows = writer.rows(round);
    std::vector<double> r;
    for (Index row = 0; row < rows.count; ++row) {
      const double share = static_cast<double>(partition.first_record() + rows.first + row) / 256;
      r.insert(r.end(), {share, 1 - share});
    }
    writer.write("r", round, r);
  }
  writer.finish();

  const Partition whole{.records = 203};
  const auto written = io::load_labels(file + ":/labels", whole, {});
  std::vector<std::int64_t> expected(203);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(written == expected);
  const RowMatrix r = io::load_responsibilities(file + ":/r", whole, {});
  CHECK(r.col(0) == Vector::LinSpaced(203, 0, 202) / 256);
  CHECK(test::entries(directory.path()) == 1);
}

TEST_CASE("results that rank 0 cannot write fail on every rank", "[io]") {
  const test::TempDir directory;
  const Partition partition{.records = 100, .rank = test::world().rank(), .size = test::world().size()};
  ExitCode code = ExitCode::success;
  CHECK_THAT(test::sentence_of(
                 [&] {
                   io::ResultsWriter(directory.file("no/out.h5"), partition, {{.name = "x"}}, {},
                                     test::world());
                 },
                 &code),
             Catch::Contains("create it: mkdir -p"));
  CHECK(code == ExitCode::io_failure);
}
