#include "jensen/data/shard.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "jensen/core/fail_point.hpp"
#include "jensen/core/linalg.hpp"
#include "jensen/core/simd.hpp"

namespace jensen {
namespace {

/// Numbers behind the last record, so that a vector may be read or written that begins in it.
constexpr Index kSpare = simd::kLanes<double> - 1;

/// Internal coordinates of records. What a vector writes beyond its record is the next one's to overwrite.
template <class S>
void prepare(const S* from, Index rows, const double* shift, const double* scale, Index features,
             double* to) {
  for (Index row = 0; row < rows; ++row, from += features, to += features) {
    for (Index d = 0; d < features; d += simd::kLanes<double>) {
      const simd::Doubles value(from + d, simd::stdx::element_aligned);
      simd::store_anywhere<double>((value - simd::load<double>(shift + d)) * simd::load<double>(scale + d),
                                   to + d);
    }
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
  const auto values = static_cast<std::size_t>(partition.own_records() * features + kSpare);
  if (storage == Storage::float32) {
    records_->values = LargeArray<float>(values);
  } else {
    records_->values = LargeArray<double>(values);
  }
  if (weighted) records_->weights.resize(static_cast<std::size_t>(partition.own_records()), 1.0);
}

template <class T>
void DenseShard::fill_as(Index first_own, Index rows, const T* values) {
  std::visit(
      [&](auto& stored) {
        using S = typename std::decay_t<decltype(stored)>::value_type;
        std::transform(values, values + rows * features(), stored.data() + first_own * features(),
                       [](T value) { return static_cast<S>(value); });
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
  const Index rows = partition().rows_of(i), begin = i * partition().block_rows;
  const Index padded = simd::padded<double>(features());
  buffer.values.resize(static_cast<std::size_t>(partition().block_rows * features() + kSpare));
  buffer.transform.resize(static_cast<std::size_t>(2 * padded));
  double* const shift = buffer.transform.data();
  double* const scale = shift + padded;
  std::copy(transform_.shift.begin(), transform_.shift.end(), shift);
  std::copy(transform_.scale.begin(), transform_.scale.end(), scale);
  std::visit(
      [&](const auto& stored) {
        prepare(stored.data() + begin * features(), rows, shift, scale, features(), buffer.values.data());
      },
      records_->values);
  JENSEN_FAIL_NUMBERS("local-step", buffer.values);
  const Index first = partition().first_record() + begin;
  return {first, RowMatrixView(buffer.values.data(), rows, features()), weights_of(i, buffer)};
}

DenseBlock DenseShard::stored_block(Index i, Buffer& buffer) const {
  const Index rows = partition().rows_of(i), begin = i * partition().block_rows;
  DenseBlock block{partition().first_record() + begin, RowMatrixView(nullptr, rows, records_->features),
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
  return std::visit(
      [&](const auto& stored) {
        using S = typename std::decay_t<decltype(stored)>::value_type;
        using Row = Eigen::Matrix<S, 1, Eigen::Dynamic>;
        return RowVector(
            Eigen::Map<const Row>(stored.data() + own * features(), features()).template cast<double>());
      },
      records_->values);
}

DenseShard make_serial_shard(const RowMatrix& rows, std::span<const double> weights) {
  DenseShard shard({rows.rows(), default_block_rows(rows.rows())}, rows.cols(), DenseShard::Storage::float64,
                   !weights.empty());
  shard.fill(0, rows.rows(), rows.data());
  if (!weights.empty()) shard.fill_weights(0, weights);
  return shard;
}

}  // namespace jensen
