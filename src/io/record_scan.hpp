#pragma once

#include <array>
#include <cmath>
#include <span>

#include "faults.hpp"
#include "fingerprint.hpp"

namespace jensen::io {

/// Looks once at every record while it is read: range per feature, fingerprint, values that are not finite.
class RecordScan {
 public:
  explicit RecordScan(Index features);

  /// Visits B x D values, row-major; `weights` is B or empty.
  template <class T>
  void add(Index first_record, Index rows, const T* values, std::span<const double> weights);

  /// Joins all ranks. Collective.
  void merge(const Communicator& comm);

  const Vector& minimum() const { return minimum_; }
  const Vector& maximum() const { return maximum_; }
  const Faults& not_finite() const { return not_finite_; }
  const std::array<std::uint64_t, 2>& fingerprint() const { return merged_; }

 private:
  template <class T>
  void widen_range(Index rows, const T* values, std::span<const double> weights);

  Vector minimum_, maximum_;  // D
  Faults not_finite_;
  Fingerprint fingerprint_;
  std::array<std::uint64_t, 2> merged_ = {};
};

}  // namespace jensen::io
