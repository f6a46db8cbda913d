#pragma once

#include <hdf5.h>

#include <span>
#include <string>
#include <vector>

#include "hdf5_handle.hpp"

namespace jensen::io {

/// Type of the strings that jensen writes: variable length, UTF-8.
Handle text_type();

/// All strings of an attribute or data set, of fixed or variable length, in row-major order. InputError if
/// it cannot be read; `what` names it.
std::vector<std::string> read_string_attribute(hid_t attribute, const std::string& what);
std::vector<std::string> read_string_dataset(hid_t dataset, const std::string& what);

/// Writes a one-dimensional attribute of strings. Throws IoError.
void write_string_attribute(hid_t object, const std::string& name, std::span<const std::string> values);

/// The texts as HDF5 takes them; valid while `values` is.
std::vector<const char*> as_pointers(std::span<const std::string> values);

}  // namespace jensen::io
