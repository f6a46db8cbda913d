#include "jensen/io/table.hpp"

#include <catch2/catch.hpp>

#include "jensen/io/model_file.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using Catch::Contains;
using test::TempDir;

TEST_CASE("tables are read from data sets of one dimension") {
  const TempDir folder;
  const std::string file = (folder.path() / "tables.h5").string();
  {
    const io::Handle out = io::create_output(file);
    const std::vector<double> values = {0.25, 0.5, 0.25};
    test::add_dataset(out.get(), "p", {.shape = {3}}, values);
    test::add_dataset(out.get(), "row", {.shape = {1, 3}}, values);
    test::add_dataset(out.get(), "deep/column", {.shape = {3, 1}, .chunk = {2, 1}, .deflate = 1}, values);
    test::add_dataset(out.get(), "integers", {.shape = {2}}, std::vector<std::int64_t>{1, 0});
    test::add_dataset(out.get(), "empty", {.shape = {0}}, std::vector<double>{});
    test::add_dataset(out.get(), "wide", {.shape = {2, 2}}, std::vector<double>(4, 0.25));
    test::add_dataset(out.get(), "cube", {.shape = {1, 1, 1}}, std::vector<double>{1});
    test::add_dataset(out.get(), "scalar", {}, std::vector<double>{1});
    test::create_dataset(out.get(), "unwritten", {.shape = {4}, .type = H5T_NATIVE_DOUBLE, .chunk = {2}});
  }
  for (const char* name : {":/p", ":/row", ":/deep/column"})
    CHECK(io::read_table(file + name) == std::vector<double>{0.25, 0.5, 0.25});
  CHECK(io::read_table(file + ":/integers") == std::vector<double>{1, 0});
  CHECK(io::read_table(file + ":/empty").empty());
  CHECK_THROWS_WITH(io::read_table(file + ":/wide"), Contains("has shape 2 x 2 (must be a table"));
  CHECK_THROWS_WITH(io::read_table(file + ":/cube"), Contains("has shape 1 x 1 x 1"));
  CHECK_THROWS_WITH(io::read_table(file + ":/scalar"), Contains("scalar"));
  CHECK_THROWS_WITH(io::read_table(file + ":/unwritten"), Contains("ever written"));
  CHECK_THROWS_WITH(io::read_table(file + ":/lacking"), Contains("/lacking"));
  CHECK_THROWS_WITH(io::read_table(file), Contains("names no data set"));
  CHECK_THROWS_AS(io::read_table("lacking.h5:/p"), InputError);
}

TEST_CASE("model files are told from others by their beginning") {
  const TempDir folder;
  const auto model = folder.path() / "model.h5", other = folder.path() / "other.h5";
  io::write_model_file(Document(), model);
  io::create_output(other);
  CHECK(io::is_model_file(model));
  CHECK_FALSE(io::is_model_file(other));
  CHECK_FALSE(io::is_model_file(folder.path()));
  CHECK_FALSE(io::is_model_file(folder.path() / "lacking.h5"));
  test::write_file(other, "jensen");
  CHECK_FALSE(io::is_model_file(other));
}
