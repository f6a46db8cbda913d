#include "jensen/fit/replicas.hpp"

#include <bit>

namespace jensen {
namespace {

void mix(std::uint64_t& hash, std::uint64_t bits) {
  hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
  hash ^= hash >> 32;
}

}  // namespace

std::int64_t hash_of(const State& state) {
  std::uint64_t hash = 0x9e3779b97f4a7c15u;
  for (const auto& [name, values] : state.numbers) {
    for (const double value : values) mix(hash, std::bit_cast<std::uint64_t>(value));
  }
  for (const auto& [name, values] : state.integers) {
    for (const Index value : values) mix(hash, static_cast<std::uint64_t>(value));
  }
  return static_cast<std::int64_t>(hash);
}

}  // namespace jensen
