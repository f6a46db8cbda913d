#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jensen/core/types.hpp"

namespace jensen::io {

inline constexpr std::string_view kNpyMagic = "\x93NUMPY";

/// What the header of a NumPy array says.
struct NpyHeader {
  char kind = 'f';       // f: float, i: integer, u: unsigned integer, b: boolean
  int bytes = 8;         // of a number
  bool swapped = false;  // in the other byte order than this machine's
  bool by_columns = false;
  Index records = 0;
  Index features = 0;

  /// Of all numbers; the header's sizes have been checked to fit.
  std::int64_t data_bytes() const { return records * features * bytes; }
  /// Does a float32 hold every such number?
  bool fits_float() const { return bytes <= 2 || (kind == 'f' && bytes == 4); }
};

/// Reads the header's text, a Python dictionary such as
/// "{'descr': '<f8', 'fortran_order': False, 'shape': (150, 4), }". Throws InputError, naming the file, where
/// it is none, or where the array is of a type or shape that cannot be used.
NpyHeader parse_npy_header(std::string_view text, const std::string& file);

}  // namespace jensen::io
