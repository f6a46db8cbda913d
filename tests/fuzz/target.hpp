#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace fuzz {

using Bytes = std::span<const std::uint8_t>;

/// A folder of this process in memory, emptied at its end; for inputs and what is made of them.
const std::filesystem::path& folder();

/// Puts the bytes into the file "input" of the folder and returns its path.
std::filesystem::path as_file(Bytes bytes);

/// Runs a reader. To refuse with a sentence is right; what else it throws is a finding.
int accept_or_refuse(const std::function<void()>& read);

/// The first byte, which chooses between options, and the rest; `first` is 0 where there is no byte.
struct Choice {
  std::uint8_t first = 0;
  Bytes rest = {};

  explicit Choice(Bytes bytes);
};

}  // namespace fuzz
