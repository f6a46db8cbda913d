#include "record_scan.hpp"

#include <bit>
#include <limits>
#include <type_traits>

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
  double *const low = minimum_.data(), *const high = maximum_.data();
  const bool finite = all_finite(std::span(values, static_cast<std::size_t>(rows * features)));
  for (Index row = 0; row < rows; ++row) {
    const T* record = values + row * features;
    const Index number = first_record + row;
    if (!finite) {
      for (Index d = 0; d < features; ++d) {
        if (!std::isfinite(record[d])) not_finite_.add({number, d});
      }
    }
    const double weight = weights.empty() ? 1.0 : weights[static_cast<std::size_t>(row)];
    if (weight > 0) {
      for (Index d = 0; d < features; ++d) {
        const double value = static_cast<double>(record[d]);
        low[d] = value < low[d] ? value : low[d];
        high[d] = value > high[d] ? value : high[d];
      }
    }
    if (weights.empty()) {
      fingerprint_.add(number, record);
    } else {
      fingerprint_.add(number, record, weight);
    }
  }
}

template void RecordScan::add(Index, Index, const float*, std::span<const double>);
template void RecordScan::add(Index, Index, const double*, std::span<const double>);

void RecordScan::merge(const Communicator& comm) {
  comm.all_min({minimum_.data(), static_cast<std::size_t>(minimum_.size())});
  comm.all_max({maximum_.data(), static_cast<std::size_t>(maximum_.size())});
  not_finite_.gather(comm);
  merged_ = fingerprint_.merged(comm);
}

}  // namespace jensen::io
