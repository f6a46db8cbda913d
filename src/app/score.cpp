#include "score.hpp"

#include <vector>

namespace jensen::app {

bool is_training_data(const Document& document, const io::LoadedData& data) {
  const auto* stored = std::get_if<std::vector<std::int64_t>>(&document.array("/fingerprint/data").values);
  return stored != nullptr && stored->size() == 2 &&
         static_cast<std::uint64_t>((*stored)[0]) == data.fingerprint[0] &&
         static_cast<std::uint64_t>((*stored)[1]) == data.fingerprint[1];
}

void print_score(const Document& evaluation, bool training, const std::string& input) {
  const auto print = [&](const char* attribute, const char* label, const char* remark) {
    if (!evaluation.has_attribute("/fit", attribute)) return;
    fmt::print("{:<24}{:<18}{}\n", label,
               fmt::format("{:.9g}", evaluation.number_attribute("/fit", attribute)), remark);
  };
  fmt::print("{:<24}{}\n", "data", input);
  print("records", "records", "");
  print("total_weight", "total weight", "");
  print("inertia", "inertia", "squared units of the data; smaller is better");
  print("log_likelihood", "log-likelihood", "nats; larger is better");
  print("mean_log_likelihood", "  per record", "nats");
  if (training) {
    print("bic", "BIC", "smaller is better");
    print("icl", "ICL", "smaller is better");
    print("aic", "AIC", "smaller is better");
  } else if (evaluation.has_attribute("/fit", "bic")) {
    fmt::print("{:<24}{}\n", "criteria", "none: these are not the records that the model was fitted to");
  }
}

}  // namespace jensen::app
