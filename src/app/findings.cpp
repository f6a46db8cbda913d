#include "findings.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "jensen/core/error.hpp"

namespace jensen::app {

bool Findings::check(const std::string& name, const std::function<std::string()>& work) {
  try {
    findings_.push_back({name, Outcome::ok, work()});
    return true;
  } catch (const Error& error) {
    findings_.push_back({name, Outcome::wrong, error.what()});
    return false;
  }
}

void Findings::leave_out(const std::string& name, const std::string& why) {
  findings_.push_back({name, Outcome::left_out, why});
}

std::vector<std::string> Findings::failed() const {
  std::vector<std::string> names;
  for (const Finding& finding : findings_) {
    if (finding.outcome == Outcome::wrong) names.push_back(finding.name);
  }
  return names;
}

std::string Findings::table() const {
  std::string text;
  for (const Finding& finding : findings_) {
    const char* const outcome = finding.outcome == Outcome::ok      ? "ok"
                                : finding.outcome == Outcome::wrong ? "WRONG"
                                                                    : "left out";
    text += fmt::format("{:<14}{:<10}{}\n", finding.name, outcome, finding.text);
  }
  return text;
}

Json Findings::json() const {
  Json list = Json::array();
  for (const Finding& finding : findings_) {
    const char* const outcome = finding.outcome == Outcome::ok      ? "ok"
                                : finding.outcome == Outcome::wrong ? "wrong"
                                                                    : "left_out";
    list.push_back({{"name", finding.name}, {"outcome", outcome}, {"text", finding.text}});
  }
  return list;
}

}  // namespace jensen::app
