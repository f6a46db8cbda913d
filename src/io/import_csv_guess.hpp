#pragma once

#include <string_view>
#include <vector>

#include "import_csv_split.hpp"

namespace jensen::io::csv {

/// The delimiter under which most cells of the sample are numbers, among those that cut its lines at all; the
/// first of comma, semicolon, tab, bar and space where several do equally well, comma where none cuts.
///
/// @pre *sample.end() == '\n'
/// @param whole whether the input ends with the sample; otherwise its last record may be cut off
char guess_delimiter(std::string_view sample, bool whole);

enum class FirstLine { names, numbers, mixed };

/// What the first record holds, judged by the columns with `counts[column]`: `names` if it has text and no
/// number, or if it is quoted throughout above unquoted numbers; `mixed` if it has text and numbers.
///
/// @param second the record after it, or nullptr
/// @pre counts has an entry for each cell of `first`
FirstLine judge_first_line(const Record& first, const Record* second, const std::vector<bool>& counts);

}  // namespace jensen::io::csv
