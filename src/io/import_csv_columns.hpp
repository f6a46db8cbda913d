#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen::io::csv {

/// The columns of the input and which of them are kept.
struct Columns {
  std::vector<std::string> names = {};  // of all columns, empty where the input has no header
  std::vector<Index> slots = {};        // feature that each column becomes, -1: left out
  Index features = 0;

  std::vector<std::string> feature_names() const;

  /// "column 3" or "column 3 ('Petal.Length')", from 0.
  std::string title(std::size_t column) const;
};

/// Whether some of the wanted columns can only be names in an input of `count` columns.
bool wants_names(const std::vector<std::string>& wanted, std::size_t count);

/// Finds the wanted columns (empty: all), each by its name or else by its number from 1.
///
/// @pre names is empty or has `count` entries
/// @throws InputError unknown, twice the same, or a kept name that is not UTF-8
Columns choose_columns(const std::filesystem::path& path, const std::vector<std::string>& wanted,
                       std::size_t count, std::vector<std::string> names);

}  // namespace jensen::io::csv
