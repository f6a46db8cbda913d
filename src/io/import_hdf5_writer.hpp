#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen::io {

/// What a dataset is to be called and to hold.
struct DatasetPlan {
  std::string path = "/data";
  Index features = 0;
  std::vector<std::string> feature_names = {};  // empty: no such attribute
};

/// An HDF5 file that is open for adding rows to its one dataset.
template <class T>
class GrowingDataset;

/// Writes rows to an HDF5 file that appears under its name only when it is complete and verified:
/// `next_row`, `keep_row` for each, then `seal`, `verify`, `publish`. Until then the rows are in a temporary
/// file beside it, which the destructor removes. T is double or float.
template <class T>
class Hdf5Writer {
 public:
  /// @pre plan.features > 0, and as many names or none
  /// @throws UsageError a dataset path that cannot be used
  /// @throws IoError the temporary file cannot be made
  Hdf5Writer(std::filesystem::path output, DatasetPlan plan);
  ~Hdf5Writer();
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;

  /// Where to put the next row of plan.features values; it counts once `keep_row` is called.
  T* next_row() { return buffer_.data() + filled_ * plan_.features; }
  void keep_row() {
    ++records_;
    if (++filled_ == chunk_rows_) write_chunk();
  }

  /// Brings everything to the disk. @pre at least one row @throws IoError
  void seal();
  /// Reads everything back and compares it with what was written. @throws IoError
  void verify() const;
  /// Renames the file to its final name. @throws IoError
  void publish();

  Index records() const { return records_; }
  const std::filesystem::path& temporary() const { return temporary_; }

 private:
  void write_chunk();
  [[noreturn]] void fail(const std::string& cause) const;

  std::filesystem::path output_, temporary_;
  DatasetPlan plan_;
  int descriptor_ = -1;
  bool published_ = false;
  std::unique_ptr<GrowingDataset<T>> dataset_;
  Index chunk_rows_ = 1;
  std::vector<T> buffer_;  // a chunk
  Index filled_ = 0;       // rows of it
  Index records_ = 0;
  std::uint64_t hash_ = 0;  // of all values written
};

}  // namespace jensen::io
