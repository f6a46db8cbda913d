#pragma once

#include <string>

#include "hdf5_handle.hpp"

namespace jensen::io {

/// What a data set's numbers are in the file, in either byte order; in memory they are float or double.
enum class NumberKind { float32, float64, integer16, integer32, integer64, unsigned64 };

bool is_numeric(hid_t type);

/// The kind of an HDF5 type; InputError for types that jensen does not take. `name` is that of the data set.
NumberKind number_kind(hid_t type, const std::string& name);

}  // namespace jensen::io
