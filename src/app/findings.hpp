#pragma once

#include <functional>
#include <string>
#include <vector>

#include "json.hpp"

namespace jensen::app {

/// What `jensen check` found, in order.
class Findings {
 public:
  /// Runs a check: it returns what it found, or throws an Error that says what is wrong. Returns whether all
  /// is well.
  bool check(const std::string& name, const std::function<std::string()>& work);
  /// Records a check that could not be done for want of an earlier one.
  void leave_out(const std::string& name, const std::string& why);

  /// Names of the checks that failed.
  std::vector<std::string> failed() const;

  /// One line each: name, "ok" or "WRONG", what was found or is wrong.
  std::string table() const;
  Json json() const;

 private:
  enum class Outcome { ok, wrong, left_out };
  struct Finding {
    std::string name;
    Outcome outcome;
    std::string text;
  };
  std::vector<Finding> findings_;
};

}  // namespace jensen::app
