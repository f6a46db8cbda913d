#pragma once

#include <span>
#include <string>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/types.hpp"
#include "jensen/data/shard.hpp"

namespace test {

/// The numbers of tests/data/<name>, a comma-separated file with one header line.
jensen::RowMatrix read_csv(const std::string& name);

/// This rank's records of `rows`, which every rank holds whole; block_rows = 0: the default size.
jensen::DenseShard sharded(const jensen::RowMatrix& rows, const jensen::Communicator& communicator,
                           jensen::Index block_rows = 0, std::span<const double> weights = {},
                           jensen::DenseShard::Storage storage = jensen::DenseShard::Storage::float64);

}  // namespace test
