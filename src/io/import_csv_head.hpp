#pragma once

#include "import_csv_columns.hpp"
#include "import_csv_source.hpp"
#include "jensen/io/import_csv.hpp"

namespace jensen::io::csv {

/// How the input is laid out, as told by the options and its first lines.
struct Head {
  char delimiter = ',';
  bool has_names = false;
  Index first_line = 1;  // of the first record or of the names
  Index next_line = 1;   // of the first record
  Columns columns = {};
};

/// Looks at the first lines and consumes them up to the first record.
///
/// @throws UsageError a delimiter that cannot be used
/// @throws InputError nothing there, not a text file, ambiguous, or columns that cannot be found
Head read_head(Source& source, const CsvOptions& options);

}  // namespace jensen::io::csv
