#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "import_hdf5_writer.hpp"

namespace jensen::io {

/// An HDF5 identifier and the function that closes it.
class Hdf5Id {
 public:
  using Close = herr_t (*)(hid_t);

  /// @throws Hdf5Failure id is negative
  Hdf5Id(hid_t id, Close closer);
  Hdf5Id(Hdf5Id&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Hdf5Id& operator=(Hdf5Id&&) = delete;
  ~Hdf5Id();

  /// Closes early, to learn of a failure. @throws Hdf5Failure
  void close();
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  Close close_;
};

/// A failed call to HDF5; the text is the innermost cause that the library names.
struct Hdf5Failure : std::runtime_error {
  Hdf5Failure();
};

/// Keeps HDF5 from printing its error stack.
class QuietHdf5 {
 public:
  QuietHdf5();
  ~QuietHdf5();
  QuietHdf5(const QuietHdf5&) = delete;
  QuietHdf5& operator=(const QuietHdf5&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* stream_ = nullptr;
};

/// A file that is given up when it is destroyed before `close` has succeeded.
template <class T>
class GrowingDataset {
 public:
  /// Makes the file anew and the dataset in it, of no rows yet. @throws Hdf5Failure
  GrowingDataset(const std::filesystem::path& file, const DatasetPlan& plan, Index chunk_rows);
  ~GrowingDataset();
  GrowingDataset(const GrowingDataset&) = delete;
  GrowingDataset& operator=(const GrowingDataset&) = delete;

  /// Adds a whole chunk, of which `rows` count: fewer than all only in the last. @throws Hdf5Failure
  void append_chunk(std::span<const T> chunk, Index rows);
  /// @throws Hdf5Failure
  void close();

 private:
  QuietHdf5 quiet_;
  Index features_;
  Index rows_ = 0;
  bool written_ = false;
  Hdf5Id file_, dataset_;
};

/// What a file holds, read in pieces of `piece_rows` rows. @throws Hdf5Failure
struct ReadBack {
  std::vector<Index> shape = {};
  std::vector<std::string> feature_names = {};
  std::uint64_t hash = 0;
};
template <class T>
ReadBack read_back(const std::filesystem::path& file, const DatasetPlan& plan, Index piece_rows);

/// The hash of what was hashed before, followed by `values`. Any change of a single value changes it.
template <class T>
std::uint64_t fold(std::uint64_t hash, std::span<const T> values);

}  // namespace jensen::io
