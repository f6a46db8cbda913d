#include <catch2/catch.hpp>
#include <limits>

#include "jensen/io/dataset.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::TempDir;

TEST_CASE("labels are read as integers", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("labels.h5");
  {
    const test::Handle out = io::create_output(file);
    const std::vector<std::int64_t> labels = {3, -1, 7, 3};
    test::add_dataset(out.get(), "z", {.shape = {4}, .type = H5T_STD_I16BE}, labels);
    test::add_dataset(out.get(), "real", {.shape = {4}}, std::vector<double>(4));
    test::add_dataset(out.get(), "large", {.shape = {4}},
                      std::vector<std::uint64_t>{1, 2, ~std::uint64_t{0}, 3});
  }
  const Partition four{.records = 4};
  CHECK(io::load_labels(file + ":/z", four, {}) == std::vector<std::int64_t>{3, -1, 7, 3});
  const auto sentence = [&](const std::string& name, const Partition& partition) {
    return test::sentence_of([&] { io::load_labels(name, partition, {}); });
  };
  CHECK(sentence(file, four) == "'" + file + "' names no data set; name it as " + file + ":/dataset");
  CHECK_THAT(sentence(file + ":/z", {.records = 5}),
             Catch::EndsWith("has shape 4 (must be one integer a record for 5 records)"));
  CHECK_THAT(sentence(file + ":/real", four),
             Catch::EndsWith("are floating-point numbers (must be integers)"));
  CHECK_THAT(sentence(file + ":/large", four), Catch::Contains("are 2^63 - 1 or more in record 2 "));
}

TEST_CASE("responsibilities are rows of probabilities", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("r.h5");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  {
    const test::Handle out = io::create_output(file);
    test::add_dataset(out.get(), "r", {.shape = {3, 2}},
                      std::vector<double>{1, 0, 0.25, 0.75, 0.5, 0.5000001});
    test::add_dataset(out.get(), "bad", {.shape = {3, 2}}, std::vector<double>{nan, 0, 0.5, 0.6, -0.5, 1.5});
  }
  const Partition three{.records = 3};
  const RowMatrix r = io::load_responsibilities(file + ":/r", three, {});
  CHECK(r.rows() == 3);
  CHECK(r(1, 1) == 0.75);
  CHECK_THAT(test::sentence_of([&] { io::load_responsibilities(file + ":/bad", three, {}); }),
             Catch::Contains("in 3 records: 0, 1, 2 (numbered from 0)"));
  CHECK_THAT(test::sentence_of([&] { io::load_responsibilities(file + ":/r", Partition{.records = 2}, {}); }),
             Catch::EndsWith("has shape 3 x 2 (must be records x components for 2 records)"));
}
