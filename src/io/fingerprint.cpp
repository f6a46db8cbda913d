#include "fingerprint.hpp"

#include <span>

namespace jensen::io {

Fingerprint::Fingerprint(Index features)
    : features_(static_cast<std::size_t>(features)), keys_(features_ + 2) {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    keys_[i] = mix((i + 1 == keys_.size() ? 0 : i + 1) * kMixingOffset + 0xd1b54a32d192ed03u);
  }
  pair_keys_.assign(keys_.begin(), keys_.begin() + features);
  for (std::size_t i = 0; i < pair_keys_.size(); i += 2) pair_keys_[i] ^= kMixingOffset;
}

std::array<std::uint64_t, 2> Fingerprint::merged(const Communicator& comm) const {
  std::array<std::uint64_t, 2> lanes = lanes_;
  comm.all_sum(std::span<std::uint64_t>(lanes));
  return lanes;
}

}  // namespace jensen::io
