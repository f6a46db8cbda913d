#pragma once

#include <vector>

#include "hdf5_handle.hpp"
#include "jensen/io/results.hpp"
#include "sha256.hpp"
#include "temporary_file.hpp"

namespace jensen::io {

/// The file of a ResultsWriter, on rank 0: remembers a hash of every piece and reads all of them back.
struct ResultsWriter::Output {
  Output(const std::filesystem::path& file, Index records, const std::vector<ResultColumn>& columns,
         const Document& header);
  ~Output();

  /// Writes rows [first, first + count) of a column, given as bytes of its type.
  void write(std::size_t column, Index first, Index count, std::span<const std::byte> values);

  /// Closes, forces to disk, verifies and publishes the file.
  void finish();

 private:
  struct Column {
    std::string path;
    std::vector<Index> shape;
    hid_t memory_type;
    Handle dataset = {};
    Index written = 0;  // rows
  };
  struct Piece {
    std::size_t column;
    Index first, count;
    Sha256 hash;
  };

  explicit Output(const std::filesystem::path& file);

  void close();
  void verify() const;

  TemporaryFile temporary_;
  Handle file_;
  std::vector<Column> columns_;
  std::vector<Piece> pieces_;
};

}  // namespace jensen::io
