#include "jensen/data/shard.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "jensen/core/linalg.hpp"

namespace jensen {
namespace {

/// A cache line of numbers.
template <class T>
struct Line {
  using Lanes [[gnu::vector_size(64)]] = T;
  Lanes lanes;
};
template <class T>
constexpr std::size_t kSide = 64 / sizeof(T);

/// Elements of both in turns: of their first halves, or of their second ones.
template <bool kSecond, class T, std::size_t... I>
Line<T> zip(const Line<T>& a, const Line<T>& b, std::index_sequence<I...>) {
  constexpr std::size_t kBegin = kSecond ? sizeof...(I) / 2 : 0;
  return {
      __builtin_shufflevector(a.lanes, b.lanes, static_cast<int>(kBegin + I / 2 + I % 2 * sizeof...(I))...)};
}

/// A square of lines, each `from_step` elements after the other, becomes its transpose. Each round of zips
/// turns the bits of an element's place by one, so that after all rounds column and row have changed places.
template <class From, class To>
void transpose_square(const From* from, Index from_step, To* to, Index to_step) {
  using Place = std::make_index_sequence<kSide<To>>;
  std::array<Line<To>, kSide<To>> lines, zipped;
  for (std::size_t row = 0; row < kSide<To>; ++row) {
    using Read [[gnu::vector_size(sizeof(From) * kSide<To>)]] = From;
    Read read;
    std::memcpy(&read, from + static_cast<Index>(row) * from_step, sizeof read);
    lines[row] = {__builtin_convertvector(read, typename Line<To>::Lanes)};
  }
  for (std::size_t round = 1; round < kSide<To>; round *= 2) {
    for (std::size_t i = 0; i < kSide<To> / 2; ++i) {
      zipped[2 * i] = zip<false, To>(lines[i], lines[i + kSide<To> / 2], Place{});
      zipped[2 * i + 1] = zip<true, To>(lines[i], lines[i + kSide<To> / 2], Place{});
    }
    lines = zipped;
  }
  for (std::size_t column = 0; column < kSide<To>; ++column)
    std::memcpy(to + static_cast<Index>(column) * to_step, &lines[column], sizeof(Line<To>));
}

/// to[d * rows + n] = from[n * features + d] for n < count: in squares whose sides are cache lines, so that
/// no line is fetched twice.
template <class From, class To>
void transpose(const From* from, Index count, Index features, To* to, Index rows) {
  constexpr auto kStep = static_cast<Index>(kSide<To>);
  const Index whole_rows = count - count % kStep, whole_features = features - features % kStep;
  for (Index n = 0; n < whole_rows; n += kStep) {
    for (Index d = 0; d < whole_features; d += kStep)
      transpose_square(from + n * features + d, features, to + d * rows + n, rows);
    for (Index d = whole_features; d < features; ++d) {
      for (Index row = n; row < n + kStep; ++row)
        to[d * rows + row] = static_cast<To>(from[row * features + d]);
    }
  }
  for (Index n = whole_rows; n < count; ++n) {
    for (Index d = 0; d < features; ++d) to[d * rows + n] = static_cast<To>(from[n * features + d]);
  }
}

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
    records_->values = LargeArray<float>(values);
  } else {
    records_->values = LargeArray<double>(values);
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
          S* const block = stored.data() + i * block_rows * features;
          transpose(values + row * features, count, features, block + inside, partition().rows_of(i));
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
  const Index first = partition().first_record() + begin;
  return {first, MatrixView(buffer.values.data(), rows, features), weights_of(i, buffer)};
}

DenseBlock DenseShard::stored_block(Index i, Buffer& buffer) const {
  const Index rows = partition().rows_of(i), begin = i * partition().block_rows;
  DenseBlock block{partition().first_record() + begin, MatrixView(nullptr, rows, records_->features),
                   weights_of(i, buffer)};
  block.stored.transform = &transform_;
  const Index position = begin * records_->features;
  if (const auto* floats = std::get_if<LargeArray<float>>(&records_->values)) {
    block.stored.floats = floats->data() + position;
  } else {
    block.stored.doubles = std::get<LargeArray<double>>(records_->values).data() + position;
  }
  return block;
}

/// A copy at the start of a cache line, like the records: the order of a vectorised sum follows the address.
std::span<const double> DenseShard::weights_of(Index i, Buffer& buffer) const {
  if (!records_->weighted) return {};
  const auto first = records_->weights.begin() + i * partition().block_rows;
  buffer.weights.assign(first, first + partition().rows_of(i));
  return buffer.weights;
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
