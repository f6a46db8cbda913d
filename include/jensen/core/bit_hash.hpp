#pragma once

#include <bit>
#include <cstdint>

namespace jensen {

/// A hash of the bits of numbers, to tell whether they are the same elsewhere.
class BitHash {
 public:
  void add(std::uint64_t bits) {
    value_ = (value_ ^ bits) * 0xff51afd7ed558ccdu;
    value_ ^= value_ >> 32;
  }
  void add(double value) { add(std::bit_cast<std::uint64_t>(value)); }

  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0x9e3779b97f4a7c15u;
};

}  // namespace jensen
