#pragma once

#include <ostream>
#include <string>

#include "jensen/core/error.hpp"

namespace test {

/// How a piece of work ended: with an Error's code and sentence, or well.
struct Ending {
  jensen::ExitCode code = jensen::ExitCode::success;
  std::string text = {};

  bool operator==(const Ending&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Ending& ending) {
    return out << static_cast<int>(ending.code) << ": " << ending.text;
  }
};

template <class Work>
Ending ending_of(Work work) {
  try {
    work();
  } catch (const jensen::Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

}  // namespace test
