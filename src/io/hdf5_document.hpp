#pragma once

#include <string>
#include <vector>

#include "hdf5_handle.hpp"
#include "jensen/core/document.hpp"

namespace jensen::io {

/// Makes an array of this type and shape at an absolute path, with its groups. Throws IoError.
Handle create_array(hid_t file, const std::string& path, hid_t type, const std::vector<Index>& shape);

/// Writes arrays and attributes into an open HDF5 file, making groups as needed. Throws IoError.
void write_document(hid_t file, const Document& document);

/// Reads all arrays and attributes of an open HDF5 file. InputError names what is of no known type.
Document read_document(hid_t file, const std::string& origin);

}  // namespace jensen::io
