#include "hdf5_handle.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hdf5_input_driver.hpp"

namespace jensen::io {
namespace {

/// What a file has taken, as for its metadata cache, is kept for the next: where memory has gone since,
/// H5AC_create would crash. Limits of lists of arrays and blocks, in bytes, are HDF5's own.
void keep_tables() {
  constexpr int kUnlimited = -1, kKibibyte = 1 << 10;
  H5set_free_list_limits(kUnlimited, kUnlimited, 4096 * kKibibyte, 256 * kKibibyte, 16384 * kKibibyte,
                         1024 * kKibibyte);
}

}  // namespace

void start_hdf5() {
  static const bool started = [] {
    require_memory_for_file<IoError>("start HDF5");
    H5open();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0);
    keep_tables();
    return true;
  }();
  static_cast<void>(started);
}

std::string hdf5_reason() {
  std::string reason;
  const auto innermost = [](unsigned, const H5E_error2_t* error, void* into) -> herr_t {
    auto& text = *static_cast<std::string*>(into);
    if (text.empty() && error->desc != nullptr) text = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, &reason);
  return reason.empty() ? "no reason given" : reason;
}

bool has_memory_for_file() {
  constexpr std::size_t kBytes = std::size_t{4} << 20;  // it takes 1 to 2 MiB
  void* const room = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return false;
  ::munmap(room, kBytes);
  return true;
}

Handle unlocked_access() {
  Handle access = make_properties(H5P_FILE_ACCESS);
  H5Pset_file_locking(access.get(), false, true);
  return access;
}

namespace {

/// The driver reads them so.
void require_long_lengths(hid_t opened, const std::filesystem::path& file) {
  const Handle creation(H5Fget_create_plist(opened), H5Pclose);
  std::size_t address_bytes = 0, length_bytes = 0;
  H5Pget_sizes(creation.get(), &address_bytes, &length_bytes);
  if (length_bytes == sizeof(std::uint64_t)) return;
  throw InputError(fmt::format(
      "'{}' stores lengths in {} bytes (must be 8, as programs write unless told otherwise); write it again",
      file.string(), length_bytes));
}

}  // namespace

Handle open_input(const std::filesystem::path& file) {
  start_hdf5();
  if (::access(file.c_str(), R_OK) != 0) {
    throw InputError(fmt::format("cannot open '{}' ({}); name an HDF5 file that can be read", file.string(),
                                 std::strerror(errno)));
  }
  if (std::filesystem::is_directory(file)) {
    throw InputError(fmt::format("'{}' is a directory (must be an HDF5 file)", file.string()));
  }
  if (H5Fis_hdf5(file.c_str()) <= 0) {
    throw InputError(
        fmt::format("'{0}' is not an HDF5 file; a CSV file is converted by 'jensen import {0} -o DATA.h5'",
                    file.string()));
  }
  require_memory_for_file<InputError>(fmt::format("open '{}'", file.string()));
  const Handle access = unlocked_access();
  read_by_input_driver(access.get());
  Handle opened(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (!opened.valid()) {
    throw InputError(fmt::format(
        "cannot open '{}' (HDF5: {}); the file is damaged or still being written: use another copy",
        file.string(), hdf5_reason()));
  }
  require_long_lengths(opened.get(), file);
  return opened;
}

std::uint64_t file_bytes(hid_t object, const std::string& what) {
  const Handle file(H5Iget_file_id(object), H5Fclose);
  hsize_t bytes = 0;
  checked<InputError>(H5Fget_filesize(file.get(), &bytes), "tell the size of the file of " + what);
  return bytes;
}

Handle create_output(const std::filesystem::path& file) {
  start_hdf5();
  const std::string what = fmt::format("create '{}'", file.string());
  require_memory_for_file<IoError>(what);
  const Handle creation = make_properties(H5P_FILE_CREATE);
  H5Pset_obj_track_times(creation.get(), false);
  const Handle access = unlocked_access();
  return {checked<IoError>(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), what),
          H5Fclose};
}

Handle make_space(const std::vector<Index>& shape) {
  const std::vector<hsize_t> extent(shape.begin(), shape.end());
  const hid_t space = extent.empty()
                          ? H5Screate(H5S_SCALAR)
                          : H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr);
  return {checked<IoError>(space, "make a data space"), H5Sclose};
}

Handle make_properties(hid_t properties_class) {
  return {checked<IoError>(H5Pcreate(properties_class), "make a property list"), H5Pclose};
}

std::vector<Index> shape_of(hid_t space) {
  const int rank = checked<InputError>(H5Sget_simple_extent_ndims(space), "read the shape of a data set");
  std::vector<hsize_t> extent(static_cast<std::size_t>(rank));
  if (rank > 0) {
    checked<InputError>(H5Sget_simple_extent_dims(space, extent.data(), nullptr),
                        "read the shape of a data set");
  }
  return {extent.begin(), extent.end()};
}

std::string shape_text(const std::vector<Index>& shape) {
  std::string text;
  for (const Index extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text.empty() ? "scalar" : text;
}

Handle select_rows(hid_t file_space, const std::vector<Index>& shape, Index first, Index rows) {
  std::vector<hsize_t> start(shape.size(), 0);
  std::vector<hsize_t> count(shape.begin(), shape.end());
  start.at(0) = static_cast<hsize_t>(first);
  count.at(0) = static_cast<hsize_t>(rows);
  checked<InputError>(
      H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
      fmt::format("select rows {} to {} of {}", first, first + rows, shape.at(0)));
  std::vector<Index> memory = shape;
  memory.at(0) = rows;
  return make_space(memory);
}

}  // namespace jensen::io
