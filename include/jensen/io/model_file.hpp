#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "jensen/core/document.hpp"
#include "jensen/core/error.hpp"

namespace jensen::io {

/// A model file is an HDF5 file behind a header of 512 bytes (HDF5 calls it a user block and finds its own
/// beginning behind it, so that h5dump, h5py and R open the file). All numbers are little-endian:
///
///     bytes     0 - 15   "jensen-model", carriage return, line feed, 0x1a, line feed
///     bytes    16 - 19   version of this layout: 1
///     bytes    20 - 23   length of the header: 512
///     bytes    24 - 31   length of the payload: the HDF5 part, in bytes
///     bytes    32 - 63   SHA-256 of the payload
///     bytes    64 - 511  zero
///
/// Arrays are float64, int64 or variable-length UTF-8 strings; attributes are scalars of these types.

/// Writes the document; the same document gives the same bytes. An attribute of a path that is no array makes
/// a group. To be called on one rank. Returns the size of the file in bytes. Throws IoError, the old file
/// then being untouched.
std::size_t write_model_file(const Document& document, const std::filesystem::path& file);

/// Whether the file begins as model files do. For one rank.
bool is_model_file(const std::filesystem::path& file);

/// A step of making sure that a model file is as it was written.
struct FileCheck {
  std::string name = {};   // "SHA-256"
  std::string found = {};  // what the file has
  std::string fault = {};  // a sentence; empty: none
};

/// A file that cannot be looked at: for want of a permission or of memory, or because a disk or a file server
/// fails. It may be whole.
struct UnreadableError : InputError {
  using InputError::InputError;
};

/// Checks header, length and hash, up to the first fault. To be called on one rank. Throws InputError where
/// the file cannot be read at all.
std::vector<FileCheck> check_model_file(const std::filesystem::path& file);

/// Reads a model file after checking its header, length and hash. `origin` is the file's name. To be called
/// on one rank. Throws InputError saying what differs; UnreadableError where that cannot be told.
Document read_model_file(const std::filesystem::path& file);

}  // namespace jensen::io
