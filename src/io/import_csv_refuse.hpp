#pragma once

#include <filesystem>

#include "import_csv_columns.hpp"
#include "import_csv_number.hpp"
#include "import_csv_split.hpp"

namespace jensen::io::csv {

/// The sentences about faulty lines; `line` is the physical line, from 1, on which the record starts.

/// @pre fault is `stray_text` or `unclosed_quote`, of the last cell of the record
[[noreturn]] void refuse_quotes(const std::filesystem::path& path, Index line, Split fault,
                                const Record& record);

/// @param first_line that of the record that told the number of columns
[[noreturn]] void refuse_cell_count(const std::filesystem::path& path, Index line, std::size_t found,
                                    std::size_t expected, Index first_line, char delimiter);

/// @pre kind is not `number`
[[noreturn]] void refuse_cell(const std::filesystem::path& path, Index line, const Columns& columns,
                              std::size_t column, const Cell& cell, CellKind kind, bool float32);

/// @pre first has text and numbers among the columns with `counts[column]`
[[noreturn]] void refuse_mixed_first_line(const std::filesystem::path& path, Index line, const Record& first,
                                          const std::vector<bool>& counts);

/// "','" or "a tab".
std::string shown_delimiter(char delimiter);

}  // namespace jensen::io::csv
