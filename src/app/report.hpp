#pragma once

#include <string>

#include "jensen/core/document.hpp"
#include "jensen/core/table.hpp"

namespace jensen::app {

/// Columns aligned, text left and numbers right; at most `most_rows` rows, then a line that says how many
/// more.
std::string render(const Table& table, std::size_t most_rows = 60);

/// What a model file says of its fit, for people: components, criteria, how it ended, where the time went.
std::string fit_report(const Document& document, const Table& components);

/// "1.5 GiB".
std::string human_bytes(double bytes);
/// "2 min 3 s", "0.012 s".
std::string human_seconds(double seconds);

}  // namespace jensen::app
