#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "jensen/core/error.hpp"
#include "jensen/core/types.hpp"

namespace jensen::io {

/// An HDF5 identifier that closes itself.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle() = default;
  Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() { close(); }

  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }

  /// Closes now and returns what HDF5 said of it; closing twice does no harm.
  herr_t close() { return valid() ? close_(std::exchange(id_, H5I_INVALID_HID)) : 0; }

  /// Leaves the identifier to the end of the process.
  void abandon() { id_ = H5I_INVALID_HID; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// Silences HDF5's own messages and keeps it from loading plugins; to be called before any use of HDF5.
/// Throws IoError where there is no memory for it.
void start_hdf5();

/// HDF5's description of its latest failure.
std::string hdf5_reason();

/// Turns a negative answer of HDF5 into `Failure`: "cannot <what> (HDF5: <reason>)".
template <class Failure, class Result>
Result checked(Result result, const std::string& what) {
  if (result < 0) throw Failure("cannot " + what + " (HDF5: " + hdf5_reason() + ")");
  return result;
}

/// Whether there is memory for HDF5 to start, or to open a file: libhdf5 1.10.8 ends in a segmentation fault
/// where it has none for its tables, or for the file's metadata cache (H5AC_create).
bool has_memory_for_file();

/// The same as an error: "cannot <what> (out of memory)".
template <class Failure>
void require_memory_for_file(const std::string& what) {
  if (has_memory_for_file()) return;
  throw Failure("cannot " + what + " (out of memory); use more nodes, or fewer ranks on each");
}

/// Opens an input with the serial driver and without locks. InputError says why it cannot be used.
Handle open_input(const std::filesystem::path& file);

/// The size of the file that an open data set or attribute lies in; `what` that is: "'/data'".
std::uint64_t file_bytes(hid_t object, const std::string& what);

/// File access with the serial driver and without locks.
Handle unlocked_access();

/// Creates an HDF5 file with the serial driver, in place of one that is there.
Handle create_output(const std::filesystem::path& file);

/// A data space with these dimensions; none: a scalar.
Handle make_space(const std::vector<Index>& shape);

/// A new property list of an HDF5 class such as H5P_DATASET_CREATE.
Handle make_properties(hid_t properties_class);

/// Dimensions of a data space; empty for a scalar.
std::vector<Index> shape_of(hid_t space);

/// "150 x 4", or "scalar".
std::string shape_text(const std::vector<Index>& shape);

/// Selects rows [first, first + rows) of a data set of this shape and returns the space of that many rows in
/// memory.
Handle select_rows(hid_t file_space, const std::vector<Index>& shape, Index first, Index rows);

}  // namespace jensen::io
