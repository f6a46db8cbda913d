#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace jensen::io {

/// The checksum that HDF5 gives its metadata: "lookup3" (Jenkins 2006), begun with 0.
std::uint32_t hdf5_checksum(std::span<const std::byte> bytes);

}  // namespace jensen::io
