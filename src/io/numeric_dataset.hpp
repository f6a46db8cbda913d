#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chunk_check.hpp"
#include "faults.hpp"
#include "hdf5_handle.hpp"
#include "jensen/core/types.hpp"
#include "number_kind.hpp"

namespace jensen::io {

/// "x.h5" and "/data" of "x.h5:/data"; no data set: an empty path.
struct DatasetName {
  std::string file = {};
  std::string path = {};

  static DatasetName parse(const std::string& name);
  /// "FILE:/dataset", or "/dataset" or "dataset" of that file.
  static DatasetName parse_in(const std::string& name, const std::string& file);
  std::string text() const { return path.empty() ? file : file + ":" + path; }
};

/// A data set found in a file.
struct Candidate {
  std::string path = {};
  std::vector<Index> shape = {};
  bool numeric = false;
};

std::vector<Candidate> list_datasets(hid_t file);

/// "/a (150 x 4), /b (150)", or "no data set" where there is none.
std::string describe(const std::vector<Candidate>& candidates);

/// An open data set of integers or floating-point numbers, read by rows.
class NumericDataset {
 public:
  static constexpr std::int64_t kPieceBytes = std::int64_t{8} << 20;
  static constexpr std::int64_t kMostBytes = std::int64_t{256} << 20;

  /// Opens it for reading in pieces of about `piece_bytes` in memory. InputError says why it cannot be used.
  explicit NumericDataset(const DatasetName& name, std::int64_t piece_bytes = kPieceBytes);

  std::string name() const { return name_.text(); }
  const std::vector<Index>& shape() const { return shape_; }
  NumberKind kind() const { return kind_; }
  hid_t id() const { return dataset_.get(); }

  /// Do floats hold the numbers exactly?
  bool fits_float() const { return kind_ == NumberKind::float32 || kind_ == NumberKind::integer16; }
  bool integer() const { return kind_ != NumberKind::float32 && kind_ != NumberKind::float64; }

  /// InputError if values were never written, or lie in other files.
  void require_written() const;

  /// Where a piece of rows ends that starts at `first` and lies in [first, last). Pieces of chunked data end
  /// with whole chunks where these fit; otherwise a cache of chunks spans the pieces.
  Index piece_end(Index first, Index last) const;
  Index most_rows_in_a_piece() const { return piece_rows_; }

  /// Reads rows [first, first + rows), converted by HDF5.
  void read(Index first, Index rows, float* into) const;
  void read(Index first, Index rows, double* into) const;
  void read(Index first, Index rows, std::int64_t* into) const;

  /// Reads as doubles; records with integers beyond 2^53 are added to `too_large`.
  void read_exact(Index first, Index rows, double* into, Faults& too_large) const;

 private:
  void read_as(Index first, Index rows, hid_t memory_type, void* into) const;
  void plan_pieces(std::int64_t piece_bytes);

  DatasetName name_;
  Handle file_;
  Handle dataset_;
  std::vector<Index> shape_;
  NumberKind kind_ = NumberKind::float64;
  Index piece_rows_ = 1;
  mutable ChunkCheck chunks_;
  bool aligned_ = false;  // pieces end at multiples of piece_rows_
};

}  // namespace jensen::io
