#pragma once

#include "jensen/core/random.hpp"
#include "jensen/fit/accumulate.hpp"

namespace jensen {

/// Turns responsibilities into first parameters, through the model's own global step, so that a start is no
/// second implementation. `assign(block, i, responsibilities)` fills a B x K matrix for own block i.
template <class M, class Shard, class Assign>
void start_from_responsibilities(M& model, const Shard& shard, const Communicator& comm, Assign assign) {
  auto sums = model.make_sums();
  Matrix responsibilities;
  accumulate(shard, comm, sums, [&](const auto& block, Index i, auto& block_sums) {
    responsibilities.setZero(block.rows(), model.components());
    assign(block, i, responsibilities);
    model.add_statistics(block, responsibilities, block_sums);
  });
  model.global_step(sums, 0);
}

/// Responsibilities that are uniform on the simplex, keyed by (seed, record).
template <class Block>
void draw_responsibilities(const Block& block, std::uint64_t seed, Matrix& responsibilities) {
  for (Index row = 0; row < block.rows(); ++row) {
    Stream stream(seed, Purpose::responsibilities, block.first_record + row);
    for (Index k = 0; k < responsibilities.cols(); ++k) responsibilities(row, k) = stream.exponential();
    responsibilities.row(row) /= responsibilities.row(row).sum();
  }
}

}  // namespace jensen
