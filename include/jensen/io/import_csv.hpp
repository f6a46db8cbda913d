#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jensen/io/import_progress.hpp"

namespace jensen::io {

/// How a text table is read and what is kept of it.
struct CsvOptions {
  /// Whether the first line names the columns. `automatic`: it does if it has text and no number, or quoted
  /// numbers above unquoted ones; a line that has both text and numbers is refused, not guessed at.
  enum class Header { automatic, yes, no };

  /// One character. Empty: found from the first lines among comma, semicolon, tab, bar and space. A space
  /// stands for any run of spaces and tabs.
  std::string delimiter = {};
  Header header = Header::automatic;
  std::string dataset = "/data";  // path of the dataset in the output, groups are made as needed
  bool float32 = false;           // store float32 instead of float64
  /// What to keep, in this order; empty: all. A column's name, or else its number from 1.
  std::vector<std::string> columns = {};
};

/// Turns a text table into an HDF5 dataset of records x features, with the attribute `feature_names`
/// (variable length UTF-8) where the input has a header. Serial; memory is bounded whatever the size of the
/// input.
///
/// Cells may be quoted ("" is a quote inside quotes), lines end in LF or CRLF, a UTF-8 byte order mark and
/// wholly blank lines are skipped. Numbers are rounded correctly; a number too small for the type becomes
/// zero. `progress` is called at most four times a second and once when all records are read.
///
/// The output appears under its name only when complete, on disk and read back alike; otherwise an earlier
/// file of that name stays as it was. What `progress` throws ends the import that way too.
///
/// @throws UsageError a delimiter or dataset path that cannot be used, or output and input are one file
/// @throws InputError an input that cannot be read, is empty, or has an unusable cell, line, name or
/// selection
/// @throws IoError an output that cannot be written or does not read back as it was written
ImportSummary import_csv(const std::filesystem::path& input, const std::filesystem::path& output,
                         const CsvOptions& options, const ImportObserver& progress = {});

}  // namespace jensen::io
