#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"
#include "jensen/data/record_layout.hpp"

namespace jensen::io {

/// A result with one entry for each record: int32 or float64, N or N x width.
struct ResultColumn {
  enum class Type { int32, float64 };

  std::string name = {};  // "labels"
  Type type = Type::float64;
  Index width = 0;                              // 0: one-dimensional, N
  std::vector<std::string> feature_names = {};  // of the width entries, or empty: an attribute of that name
};

/// Writes results of all ranks in record order into one HDF5 file: rank 0 alone writes, into a temporary
/// file, which takes the final name in `finish` after it was forced to disk and read back. A run that is
/// killed leaves nothing under that name.
///
/// Ranks hand over their rows in rounds, each computing its own piece of a round, so that all work at once
/// and no rank holds more than a piece:
///
///     for (Index round = 0; round < writer.rounds(); ++round) {
///       const auto rows = writer.rows(round);         // of this rank, possibly none
///       ... fill labels of own records rows.first to rows.first + rows.count ...
///       writer.write("labels", round, labels);
///     }
///     writer.finish();
///
/// All methods but `rounds` and `rows` are collective and throw IoError on every rank alike.
class ResultsWriter {
 public:
  /// A rank's run of own records; `first` counts from the rank's first record.
  struct Rows {
    Index first = 0;
    Index count = 0;
    Index first_block = 0;  // the same run in own blocks
    Index block_count = 0;
  };

  /// `header`: attributes and small arrays of the file. `piece_bytes`, at most 256 MiB, bounds what a rank
  /// hands over of a column in a round (one block at least).
  ResultsWriter(const std::filesystem::path& file, RecordLayout layout, std::vector<ResultColumn> columns,
                const Document& header, const Communicator& comm,
                std::int64_t piece_bytes = std::int64_t{8} << 20);
  ~ResultsWriter();
  ResultsWriter(const ResultsWriter&) = delete;
  ResultsWriter& operator=(const ResultsWriter&) = delete;

  Index rounds() const;
  Rows rows(Index round) const;

  /// Writes the own rows of a round, row-major: rows(round).count x max(width, 1) values.
  void write(const std::string& column, Index round, std::span<const std::int32_t> values);
  void write(const std::string& column, Index round, std::span<const double> values);

  /// Writes all own rows of a column, where the caller holds them anyway.
  void write_all(const std::string& column, std::span<const std::int32_t> values);
  void write_all(const std::string& column, std::span<const double> values);

  /// Verifies the file and gives it its name. Every column must have been written for every round.
  void finish();

 private:
  struct Output;  // rank 0's file

  template <class T>
  void write_round(const std::string& column, Index round, std::span<const T> values);
  template <class T>
  void write_rounds(const std::string& column, std::span<const T> values);
  Rows rows_of(int rank, Index round) const;
  std::size_t find(const std::string& column, ResultColumn::Type type) const;

  RecordLayout layout_;
  std::vector<ResultColumn> columns_;
  Communicator comm_;
  Index blocks_per_round_ = 1;
  std::unique_ptr<Output> output_;  // null elsewhere
};

/// Writes dense data, N x D float64, as the data set `dataset` ("data"), with names of the features or none.
/// To be called on one rank. Throws IoError.
void write_dataset_file(const std::filesystem::path& file, const std::string& dataset,
                        const RowMatrix& values, const std::vector<std::string>& feature_names = {});

}  // namespace jensen::io
