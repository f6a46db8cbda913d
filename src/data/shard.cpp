#include "jensen/data/shard.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "jensen/core/linalg.hpp"

namespace jensen {
namespace {

template <class T>
using Stored = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>>;

}  // namespace

double DenseBlock::total_weight() const {
  if (weights.empty()) return static_cast<double>(rows());
  return Eigen::Map<const Vector>(weights.data(), rows()).sum();
}

DenseShard::DenseShard(Partition partition, Index features, Storage storage, bool weighted, DataInfo info)
    : records_(std::make_shared<Records>()), transform_(Transform::identity(features)) {
  pin_matrix_products();
  records_->partition = partition;
  records_->features = features;
  records_->weighted = weighted;
  records_->info = std::move(info);
  const auto values = static_cast<std::size_t>(partition.own_records() * features);
  if (storage == Storage::float32) {
    records_->values = AlignedVector<float>(values);
  } else {
    records_->values = AlignedVector<double>(values);
  }
  if (weighted) records_->weights.resize(static_cast<std::size_t>(partition.own_records()), 1.0);
}

template <class T>
void DenseShard::fill_as(Index first_own, Index rows, const T* values) {
  const Index features = records_->features, block_rows = partition().block_rows;
  std::visit(
      [&](auto& stored) {
        using S = typename std::decay_t<decltype(stored)>::value_type;
        for (Index row = 0; row < rows;) {
          const Index own = first_own + row;
          const Index i = own / block_rows, inside = own % block_rows;
          const Index count = std::min(rows - row, partition().rows_of(i) - inside);
          Stored<S> block(stored.data() + i * block_rows * features, partition().rows_of(i), features);
          const Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> from(
              values + row * features, count, features);
          block.middleRows(inside, count) = from.template cast<S>();
          row += count;
        }
      },
      records_->values);
}

void DenseShard::fill(Index first_own, Index rows, const float* values) {
  fill_as(first_own, rows, values);
}
void DenseShard::fill(Index first_own, Index rows, const double* values) {
  fill_as(first_own, rows, values);
}

void DenseShard::fill_weights(Index first_own, std::span<const double> weights) {
  if (!weighted()) throw std::logic_error("weights for a shard without weights");
  std::copy(weights.begin(), weights.end(), records_->weights.begin() + first_own);
}

DenseBlock DenseShard::block(Index i, Buffer& buffer) const {
  const Index rows = partition().rows_of(i), features = records_->features;
  const Index begin = i * partition().block_rows;
  buffer.values.resize(static_cast<std::size_t>(partition().block_rows * features));
  Eigen::Map<Matrix, Eigen::Aligned64> prepared(buffer.values.data(), rows, features);
  std::visit(
      [&](const auto& stored) {
        using S = typename std::decay_t<decltype(stored)>::value_type;
        const Eigen::Map<const Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic>> from(
            stored.data() + begin * features, rows, features);
        for (Index d = 0; d < features; ++d) {
          prepared.col(d) =
              (from.col(d).template cast<double>().array() - transform_.shift[d]) * transform_.scale[d];
        }
      },
      records_->values);
  std::span<const double> weights;
  if (records_->weighted) {
    // A copy at the start of a cache line, like the records: the order of a vectorised sum follows the
    // address.
    const auto first = records_->weights.begin() + begin;
    buffer.weights.assign(first, first + rows);
    weights = buffer.weights;
  }
  return {partition().first_record() + begin, MatrixView(buffer.values.data(), rows, features), weights};
}

DenseShard DenseShard::with_transform(Transform transform) const {
  DenseShard view = *this;
  view.transform_ = std::move(transform);
  return view;
}

RowVector DenseShard::original_record(Index own) const {
  const Index i = own / partition().block_rows, inside = own % partition().block_rows;
  const Index rows = partition().rows_of(i), features = records_->features;
  RowVector record(features);
  std::visit(
      [&](const auto& stored) {
        for (Index d = 0; d < features; ++d) {
          const Index position = i * partition().block_rows * features + d * rows + inside;
          record[d] = static_cast<double>(stored[static_cast<std::size_t>(position)]);
        }
      },
      records_->values);
  return record;
}

DenseShard make_serial_shard(const RowMatrix& rows, std::span<const double> weights) {
  DenseShard shard({rows.rows(), default_block_rows(rows.rows())}, rows.cols(), DenseShard::Storage::float64,
                   !weights.empty());
  shard.fill(0, rows.rows(), rows.data());
  if (!weights.empty()) shard.fill_weights(0, weights);
  return shard;
}

}  // namespace jensen
