#pragma once

#include "import_csv_source.hpp"
#include "jensen/io/import_csv.hpp"

namespace jensen::io::csv {

/// `import_csv` with the input held in pieces of other sizes.
ImportSummary import_in_pieces(const std::filesystem::path& input, const std::filesystem::path& output,
                               const CsvOptions& options, const ImportObserver& progress,
                               const Limits& limits);

}  // namespace jensen::io::csv
