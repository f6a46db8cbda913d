#include <filesystem>
#include <fstream>

#include "support/data.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

TEST_CASE("a condition that one rank misses fails on all of them", "[support]") {
  const int last = test::world().size() - 1;
  CHECK(test::ranks_failing(test::world().rank() != last) == std::vector<int>{last});
  REQUIRE_ALL(test::world().rank() <= last);
}

TEST_CASE("a temporary directory is shared by all ranks and removed", "[support]") {
  std::filesystem::path path;
  {
    const test::TempDir directory;
    path = directory.path();
    test::world().on_root([&] { std::ofstream(directory.file("note")) << "text"; });
    REQUIRE_ALL(std::filesystem::exists(path / "note"));
  }
  test::world().barrier();
  REQUIRE_ALL(!std::filesystem::exists(path));
}

TEST_CASE("test data are read whole and spread over the ranks", "[support]") {
  const jensen::RowMatrix iris = test::read_csv("iris.csv");
  CHECK(iris.rows() == 150);
  CHECK(iris.cols() == 4);
  CHECK(iris(149, 0) == 5.9);
  CHECK(test::read_csv("faithful.csv").rows() == 272);
  CHECK(test::read_csv("gvhd_pos.csv").rows() == 9083);
  const std::vector<double> weights(150, 2.0);
  const jensen::DenseShard shard = test::sharded(iris, test::world(), 8, weights);
  CHECK(test::world().sum(shard.partition().own_records()) == 150);
  jensen::DenseShard::Buffer buffer;
  for (jensen::Index i = 0; i < shard.block_count(); ++i) {
    const jensen::DenseBlock block = shard.block(i, buffer);
    CHECK(block.records == iris.middleRows(block.first_record, block.rows()));
    CHECK(block.total_weight() == 2.0 * static_cast<double>(block.rows()));
  }
}
