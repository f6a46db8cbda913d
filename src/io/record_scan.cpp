#include "record_scan.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>
#include <vector>

namespace jensen::io {
namespace {

/// By the bits of the exponent: unlike std::isfinite this is one vector loop without a branch.
template <class T>
bool all_finite(std::span<const T> values) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  const Bits exponent = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
  Bits found = 0;
  for (const T value : values)
    found |= (std::bit_cast<Bits>(value) & exponent) == exponent ? Bits{1} : Bits{0};
  return found == 0;
}

}  // namespace

RecordScan::RecordScan(Index features)
    : minimum_(Vector::Constant(features, std::numeric_limits<double>::infinity())),
      maximum_(-minimum_),
      fingerprint_(features) {}

template <class T>
void RecordScan::add(Index first_record, Index rows, const T* values, std::span<const double> weights) {
  const Index features = minimum_.size();
  if (!all_finite(std::span(values, static_cast<std::size_t>(rows * features)))) {
    for (Index row = 0; row < rows; ++row) {
      for (Index d = 0; d < features; ++d) {
        if (!std::isfinite(values[row * features + d])) not_finite_.add({first_record + row, d});
      }
    }
  }
  widen_range(rows, values, weights);
  fingerprint_.add(first_record, rows, values, weights);
}

template void RecordScan::add(Index, Index, const float*, std::span<const double>);
template void RecordScan::add(Index, Index, const double*, std::span<const double>);

/// Records side by side are one long vector, whatever their number of features: `kAbreast` at least.
template <class T>
void RecordScan::widen_range(Index rows, const T* values, std::span<const double> weights) {
  constexpr Index kAbreast = 256;
  const Index features = minimum_.size();
  const Index together = (kAbreast + features - 1) / features, width = together * features;
  std::vector<T> low(static_cast<std::size_t>(width), std::numeric_limits<T>::infinity());
  std::vector<T> high(low.size(), -std::numeric_limits<T>::infinity());
  const auto widen = [&](const T* record, Index count) {
    T* const __restrict least = low.data(), * const __restrict most = high.data();
    for (Index i = 0; i < count; ++i) {
      least[i] = record[i] < least[i] ? record[i] : least[i];
      most[i] = record[i] > most[i] ? record[i] : most[i];
    }
  };
  if (weights.empty()) {
    for (Index row = 0; row < rows; row += together)
      widen(values + row * features, std::min(together, rows - row) * features);
  } else {
    for (Index row = 0; row < rows; ++row) {
      if (weights[static_cast<std::size_t>(row)] > 0) widen(values + row * features, features);
    }
  }
  for (Index i = 0; i < width; ++i) {
    const auto at = static_cast<std::size_t>(i);
    minimum_[i % features] = std::min(minimum_[i % features], static_cast<double>(low[at]));
    maximum_[i % features] = std::max(maximum_[i % features], static_cast<double>(high[at]));
  }
}

void RecordScan::merge(const Communicator& comm) {
  minimum_.array() += 0.0;  // a zero without a sign, whatever the order
  maximum_.array() += 0.0;
  comm.all_min({minimum_.data(), static_cast<std::size_t>(minimum_.size())});
  comm.all_max({maximum_.data(), static_cast<std::size_t>(maximum_.size())});
  not_finite_.gather(comm);
  merged_ = fingerprint_.merged(comm);
}

}  // namespace jensen::io
