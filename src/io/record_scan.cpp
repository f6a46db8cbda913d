#include "record_scan.hpp"

#include <limits>

namespace jensen::io {

RecordScan::RecordScan(Index features)
    : minimum_(Vector::Constant(features, std::numeric_limits<double>::infinity())),
      maximum_(-minimum_),
      fingerprint_(features) {}

template <class T>
void RecordScan::add(Index first_record, Index rows, const T* values, std::span<const double> weights) {
  using Row = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
  const Index features = minimum_.size();
  const bool all_finite = Row(values, rows * features).allFinite();
  for (Index row = 0; row < rows; ++row) {
    const T* record = values + row * features;
    const Index number = first_record + row;
    if (!all_finite) {
      for (Index d = 0; d < features; ++d) {
        if (!std::isfinite(record[d])) not_finite_.add({number, d});
      }
    }
    const double weight = weights.empty() ? 1.0 : weights[static_cast<std::size_t>(row)];
    if (weight > 0) {
      const auto present = Row(record, features).template cast<double>();
      minimum_.array() = minimum_.array().min(present);
      maximum_.array() = maximum_.array().max(present);
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
