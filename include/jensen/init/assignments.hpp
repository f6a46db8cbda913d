#pragma once

#include "jensen/core/random.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/init/start_request.hpp"

namespace jensen {

/// Turns responsibilities into first parameters, through the model's own global step, so that a start is no
/// second implementation. `assign(block, i, responsibilities)` fills a B x K matrix for own block i. Returns
/// what the step had to repair.
template <class M, class Shard, class Assign>
std::vector<Repair> start_from_responsibilities(M& model, const Shard& shard, const Communicator& comm,
                                                Assign assign) {
  auto sums = model.make_sums();
  Matrix responsibilities;
  accumulate(shard, comm, sums, [&](const auto& block, Index i, auto& block_sums) {
    responsibilities.setZero(block.rows(), model.components());
    assign(block, i, responsibilities);
    model.add_statistics(block, responsibilities, block_sums);
  });
  return model.global_step(sums, 0).repairs;
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

/// Responsibilities of a block as the request gives them: labels, a table, or random.
inline void fill_given_responsibilities(const StartRequest& request, const DenseBlock& block,
                                        Matrix& responsibilities) {
  const Index first_own = block.first_record - request.shard.partition().first_record();
  if (request.kind == StartKind::labels) {
    for (Index row = 0; row < block.rows(); ++row) {
      responsibilities(row, request.labels[static_cast<std::size_t>(first_own + row)]) = 1;
    }
  } else if (!request.responsibilities.empty()) {
    const Index components = responsibilities.cols();
    responsibilities = Eigen::Map<const RowMatrix>(request.responsibilities.data() + first_own * components,
                                                   block.rows(), components);
  } else {
    draw_responsibilities(block, request.seed, responsibilities);
  }
}

}  // namespace jensen
