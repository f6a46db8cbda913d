#pragma once

#include <hdf5.h>

#include <cstddef>
#include <span>

namespace jensen::io {

// HDF5's access to inputs: as by its own driver "sec2", or "core" for files in memory, but
//
// - a file that ends early, or became shorter, is an error: "sec2" makes up zeros;
// - global heaps, where strings of variable length lie, are looked at before HDF5 1.10 reads them: it never
//   comes to the end of some that are damaged;
// - metadata are not gathered in one buffer, which damaged sizes overrun.
//
// Lengths in the file must have 8 bytes. To be called after `start_hdf5`. Both throw IoError.

/// Makes `access`, properties of file access, read files.
void read_by_input_driver(hid_t access);

/// Makes it read these bytes, whatever the name; they must outlive all files opened so.
void read_by_input_driver(hid_t access, std::span<const std::byte> bytes);

}  // namespace jensen::io
