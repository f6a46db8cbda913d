#pragma once

#include <hdf5.h>

#include <cstddef>
#include <span>

namespace jensen::io {

// HDF5's access to inputs: as by its own driver "sec2", or "core" for files in memory, but
//
// - a file that ends early, or became shorter, is an error: "sec2" makes up zeros;
// - metadata are looked at before HDF5 1.10 gets those on which it crashes, or never comes to an end
//   (hdf5_metadata.hpp);
// - they are not gathered in one buffer, which damaged sizes overrun.
//
// To be called after `start_hdf5`. The first two throw IoError.

/// Makes `access`, properties of file access, read files.
void read_by_input_driver(hid_t access);

/// Makes it read these bytes, whatever the name; they must outlive all files opened so.
void read_by_input_driver(hid_t access, std::span<const std::byte> bytes);

/// Whether the strings of variable length of a data set, that is not in chunks, are where it says.
bool texts_are_there(hid_t dataset);

}  // namespace jensen::io
