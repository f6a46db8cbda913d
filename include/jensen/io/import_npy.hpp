#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "jensen/io/import_progress.hpp"

namespace jensen::io {

/// What is kept of a NumPy array.
struct NpyOptions {
  std::string dataset = "/data";          // path of the dataset in the output, groups are made as needed
  bool float32 = false;                   // store float32 whatever the array holds
  std::vector<std::string> columns = {};  // numbers from 1, kept in this order; empty: all
  std::int64_t piece_bytes = 32LL << 20;  // of the array, held at a time
};

/// Whether the file is a NumPy array: named *.npy, or beginning like one.
bool is_npy(const std::filesystem::path& file);

/// Turns a NumPy array (.npy, format 1.0 to 3.0) of records x features, or of one feature, into an HDF5
/// dataset. Serial.
///
/// Numbers are floats of 32 or 64 bits, integers of 8 to 64 bits or booleans, in either byte order. Those
/// that a float32 holds exactly (float32, 8 and 16 bits, booleans) are stored as float32, others as float64.
/// The array may be in C or Fortran order. One in Fortran order is read in strips: some records of every
/// column kept, one stretch of the file for each. Memory is bounded by `piece_bytes` and a record.
///
/// The output appears under its name only when complete, on disk and read back alike, as with `import_csv`.
///
/// @throws UsageError a dataset path that cannot be used, or output and input are one file
/// @throws InputError an input that cannot be read, is no such array, is shorter or longer than its header
/// says, or holds a number that is not finite, beyond 2^53 (integers), or too large for float32
/// @throws IoError an output that cannot be written or does not read back as it was written
ImportSummary import_npy(const std::filesystem::path& input, const std::filesystem::path& output,
                         const NpyOptions& options, const ImportObserver& progress = {});

}  // namespace jensen::io
