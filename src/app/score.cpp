#include "score.hpp"

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "json.hpp"
#include "print.hpp"

namespace jensen::app {
namespace {

struct Line {
  const char* attribute;
  const char* label;
  const char* remark;
  bool criterion = false;
};
std::vector<Line> lines_of(const Nouns& nouns) {
  return {
      Line{"records", nouns.records, ""},
      Line{"total_weight", nouns.total_weight, ""},
      Line{"bound", "bound", "nats; log p(words), or less"},
      Line{"bound_per_token", "  per token", "nats"},
      Line{"perplexity_bound", "perplexity",
           "by the bound: an upper bound of it, and loose; smaller is better"},
      Line{"perplexity_completion", "  by completion",
           "of half of each document's tokens, given the other half; smaller is better"},
      Line{"inertia", "inertia", "; smaller is better"},  // behind its unit
      Line{"log_likelihood", "log-likelihood", "nats; larger is better"},
      Line{"mean_log_likelihood", "  per record", "nats"},
      Line{"elbo", "ELBO", "nats; larger is better", true},
      Line{"elbo_multiplicity", "  all labellings", "nats; compares K", true},
      Line{"log_predictive", "log predictive", "nats; larger is better"},
      Line{"mean_log_predictive", "  per record", "nats"},
      Line{"predictive_draws", "  draws of q", "over which densities are averaged"},
      Line{"bic", "BIC", "smaller is better", true},
      Line{"icl", "ICL", "smaller is better", true},
      Line{"aic", "AIC", "smaller is better", true},
  };
}

bool is_shown(const Line& line, const Document& evaluation, bool training) {
  const auto has = [&](const char* name) { return evaluation.has_attribute("/fit", name); };
  const bool is_said_already = std::string_view(line.attribute) == "elbo" && has("log_likelihood");
  return has(line.attribute) && (training || !line.criterion) && !is_said_already;
}

Json score_json(const Document& evaluation, const Nouns& nouns, bool training, const ScoreSettings& settings,
                const std::string& input, const std::string& model_file) {
  Json json = {{"model_file", model_file}, {"input", input}, {"training_data", training}};
  for (const Line& line : lines_of(nouns)) {
    if (!is_shown(line, evaluation, training)) continue;
    std::visit([&](const auto& value) { json[line.attribute] = value; },
               evaluation.attributes().at("/fit").at(line.attribute));
  }
  if (!settings.output.empty()) json["output"] = settings.output;
  return json;
}

}  // namespace

bool is_training_data(const Document& document, const std::array<std::uint64_t, 2>& fingerprint) {
  const auto* stored = std::get_if<std::vector<std::int64_t>>(&document.array("/fingerprint/data").values);
  return stored != nullptr && stored->size() == 2 &&
         static_cast<std::uint64_t>((*stored)[0]) == fingerprint[0] &&
         static_cast<std::uint64_t>((*stored)[1]) == fingerprint[1];
}

void print_score(const Document& evaluation, const Nouns& nouns, bool training, const ScoreSettings& settings,
                 const std::string& input, const std::string& model_file) {
  if (settings.json) return print_json(score_json(evaluation, nouns, training, settings, input, model_file));
  print_out("{:<24}{}\n", "data", input);
  for (const Line& line : lines_of(nouns)) {
    if (!is_shown(line, evaluation, training)) continue;
    const bool has_unit = line.remark[0] == ';';
    print_out("{:<24}{:<18}{}{}\n", line.label,
              fmt::format("{:.9g}", evaluation.number_attribute("/fit", line.attribute)),
              has_unit ? evaluation.text_attribute("/fit", "units") : "", line.remark);
  }
  if (!training && evaluation.has_attribute("/fit", "bic")) {
    print_out("{:<24}{}\n", "criteria", "none: these are not the records that the model was fitted to");
  }
  if (!settings.output.empty()) print_out("{:<24}{}\n", "per record", settings.output);
}

}  // namespace jensen::app
