#include <fmt/format.h>

#include "number_kind.hpp"

namespace jensen::io {
namespace {

bool is_either(hid_t type, hid_t little, hid_t big) {
  return H5Tequal(type, little) > 0 || H5Tequal(type, big) > 0;
}

NumberKind floating_kind(hid_t type, const std::string& name) {
  if (is_either(type, H5T_IEEE_F32LE, H5T_IEEE_F32BE)) return NumberKind::float32;
  if (is_either(type, H5T_IEEE_F64LE, H5T_IEEE_F64BE)) return NumberKind::float64;
  throw InputError(
      fmt::format("'{}' holds {}-bit floating-point numbers (must be IEEE numbers of 32 or 64 bits); convert "
                  "it, in numpy by astype('float64')",
                  name, 8 * H5Tget_size(type)));
}

NumberKind integer_kind(hid_t type, const std::string& name) {
  const std::size_t bytes = H5Tget_size(type), bits = H5Tget_precision(type);
  const int first = H5Tget_offset(type);
  if (first < 0 || bits == 0 || static_cast<std::size_t>(first) + bits > 8 * bytes) {
    throw InputError(
        fmt::format("'{}' holds integers of {} bits from bit {} on in {} bytes (must lie within them); the "
                    "file is damaged: use another copy",
                    name, bits, first, bytes));
  }
  if (bytes <= 2) return NumberKind::integer16;
  if (bytes <= 4) return NumberKind::integer32;
  if (bytes > 8) {
    throw InputError(fmt::format("'{}' holds {}-bit integers (must have at most 64 bits)", name, 8 * bytes));
  }
  return H5Tget_sign(type) == H5T_SGN_NONE ? NumberKind::unsigned64 : NumberKind::integer64;
}

const char* class_text(H5T_class_t type_class) {
  switch (type_class) {
    case H5T_STRING:
      return "strings";
    case H5T_COMPOUND:
      return "records with named fields (a compound type)";
    case H5T_ENUM:
      return "an enumeration (as booleans are stored)";
    case H5T_ARRAY:
    case H5T_VLEN:
      return "an array in every entry";
    default:
      return "values of a type that is not numeric";
  }
}

}  // namespace

bool is_numeric(hid_t type) {
  const H5T_class_t type_class = H5Tget_class(type);
  return type_class == H5T_INTEGER || type_class == H5T_FLOAT;
}

NumberKind number_kind(hid_t type, const std::string& name) {
  const H5T_class_t type_class = H5Tget_class(type);
  if (type_class == H5T_FLOAT) return floating_kind(type, name);
  if (type_class == H5T_INTEGER) return integer_kind(type, name);
  throw InputError(fmt::format(
      "'{}' holds {} (must hold integers or floating-point numbers); write the numbers to a data set of "
      "their own",
      name, class_text(type_class)));
}

}  // namespace jensen::io
