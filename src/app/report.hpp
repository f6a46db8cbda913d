#pragma once

#include <optional>
#include <string>

#include "fit_profile.hpp"
#include "jensen/core/document.hpp"
#include "jensen/core/table.hpp"
#include "nouns.hpp"
#include "settings.hpp"

namespace jensen::app {

/// What of a table is shown, in rows and characters.
struct TableLimits {
  std::size_t rows = 60;
  std::size_t width =
      100;  // a wider table is cut into bands of columns, each beginning with the first column
  std::size_t bands = 6;
};

/// Whether the column has more than numbers: it stands to the left then.
bool holds_text(const Table& table, std::size_t column);

/// Columns aligned, text left and numbers right; a line says how many rows and columns are left out.
std::string render(const Table& table, const TableLimits& limits = {});

/// What a model file says of its fit, for people: components, criteria, how it ended, where the time went.
std::string fit_report(const Document& document, const Table& components, const Nouns& nouns);

/// Shows what came out of a fit, as text or as JSON, and where the time went if that is known.
void print_fit(const Document& document, const Table& components, const Nouns& nouns,
               const FitSettings& settings, const std::optional<PhaseTimes>& times);
/// The same without the components.
std::string fit_summary(const Document& document, const Nouns& nouns);

/// "1.5 GiB".
std::string human_bytes(double bytes);
/// "2 min 3 s", "0.012 s".
std::string human_seconds(double seconds);

}  // namespace jensen::app
