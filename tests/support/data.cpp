#include "support/data.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace test {

using jensen::Index;

jensen::RowMatrix read_csv(const std::string& name) {
  std::ifstream file(std::string(TEST_DATA_DIR) + "/" + name);
  std::vector<double> values;
  std::string line;
  Index rows = 0;
  if (!std::getline(file, line)) throw std::runtime_error("cannot read the test data '" + name + "'");
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, ',');) values.push_back(std::stod(field));
    ++rows;
  }
  const auto columns = rows == 0 ? 0 : static_cast<Index>(values.size()) / rows;
  if (columns * rows != static_cast<Index>(values.size())) {
    throw std::runtime_error("ragged lines in the test data '" + name + "'");
  }
  return Eigen::Map<const jensen::RowMatrix>(values.data(), rows, columns);
}

jensen::DenseShard sharded(const jensen::RowMatrix& rows, const jensen::Communicator& communicator,
                           Index block_rows, std::span<const double> weights,
                           jensen::DenseShard::Storage storage) {
  const jensen::Partition partition{
      .records = rows.rows(),
      .block_rows = block_rows > 0 ? block_rows : jensen::default_block_rows(rows.rows()),
      .rank = communicator.rank(),
      .size = communicator.size()};
  jensen::DenseShard shard(partition, rows.cols(), storage, !weights.empty());
  const Index first = partition.first_record(), count = partition.own_records();
  shard.fill(0, count, rows.data() + first * rows.cols());
  if (!weights.empty()) {
    shard.fill_weights(0, weights.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
  }
  return shard;
}

}  // namespace test
