#include <fmt/format.h>

#include <cmath>

#include "app/registry.hpp"
#include "app/report.hpp"
#include "compare.hpp"
#include "jensen/core/error.hpp"
#include "totals.hpp"

namespace jensen::app {
namespace {

/// What the totals are of, in words.
struct Words {
  std::string records, unit;  // "records", "record"
  std::string total;          // "log-likelihood"
  bool is_bound;
  double units;  // records, by weight, or tokens
};

Words words_of(const std::vector<RecordScores>& scores, const Totals& totals) {
  const bool documents = is_of_documents(scores[0]);
  const bool same = scores.back().name == scores[0].name;
  return {.records = documents ? "documents" : "records",
          .unit = documents ? "token" : "record",
          .total = same ? scores[0].name : "log-likelihood",
          .is_bound = scores[0].is_bound,
          .units = documents ? totals.tokens : totals.weight};
}

/// "12.3456789       nats; larger is better".
std::string with_remark(double value, const std::string& remark) {
  return fmt::format("{:<18}{}", fmt::format("{:.9g}", value), remark);
}

void add_cross_entropy(const Totals& totals, const Words& words, const Unit& unit, Comparison& comparison) {
  const Totals::Sum& sum = totals.sums[0];
  const double cross_entropy = unit.of(-sum.values / words.units);
  const double error = unit.of(totals.standard_error(sum) / words.units);
  comparison.line(words.total, with_remark(unit.of(sum.values), unit.name + "; larger is better"));
  comparison.line("cross-entropy",
                  with_remark(cross_entropy, fmt::format("{} per {}{}; smaller is better", unit.name,
                                                         words.unit, words.is_bound ? ", at most" : "")));
  comparison.json.update(
      {{"total", json_number(unit.of(sum.values))}, {"cross_entropy", json_number(cross_entropy)}});
  if (std::isfinite(error) && !words.is_bound) {  // documents differ in length
    comparison.line("  standard error", with_remark(error, "over records, if these are a sample"));
    comparison.json["standard_error"] = error;
  }
  comparison.text += "\n";
  if (words.is_bound) {
    comparison.line("H(p, q)", "= H(p) + KL(p || q), at most this; H(p) is the data's own");
  } else {
    comparison.line("H(p, q)",
                    "= H(p) + KL(p || q), where H(p) is the data's own: over models q, the largest");
    comparison.line("", fmt::format("{} and the smallest KL(p || q) are the same", words.total));
  }
}

void add_difference(const Totals& totals, const Words& words, const Unit& unit, Comparison& comparison) {
  const std::string per_unit = fmt::format("per {}", words.unit);
  Table table{{unit.name, words.total, per_unit, "standard error"}, {}};
  constexpr std::array kRows = {std::pair("p", "p"), std::pair("q", "q"), std::pair("p - q", "difference")};
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    const double total = unit.of(totals.sums[i].values),
                 error = unit.of(totals.standard_error(totals.sums[i]));
    table.rows.push_back({kRows[i].first, fmt::format("{:.9g}", total),
                          fmt::format("{:.6g}", total / words.units),
                          std::isfinite(error) ? fmt::format("{:.3g}", error) : "-"});
    comparison.json[kRows[i].second].update(Json{{"total", json_number(total)},
                                                 {"mean", json_number(total / words.units)},
                                                 {"standard_error", json_number(error)}});
  }
  comparison.text += "\n" + render(table) + "\n";
  const Totals::Sum& difference = totals.sums[2];
  const double error = totals.standard_error(difference);
  if (!std::isfinite(error)) return;
  if (error == 0) return comparison.line("z", "none: the difference is the same for all " + words.records);
  const double z = difference.values / error;
  comparison.json["z"] = json_number(z);
  comparison.line("z", with_remark(z, "difference / standard error (Vuong 1989)"));
  if (words.is_bound) return;
  comparison.line("", "beyond 1.96 either way, models that are not nested are told apart at 5 %, on data");
  comparison.line("", "that neither was fitted to");
}

Json origin_json(const Document& document) {
  return {{"model_file", document.origin}};
}

}  // namespace

Comparison compare_on_data(const std::vector<const Document*>& models, const std::string& input,
                           const CompareSettings& settings, const Unit& unit, const Communicator& comm) {
  std::vector<RecordScores> scores;
  for (const Document* model : models) scores.push_back(model_of(*model)->record_scores(*model));
  const bool documents = is_of_documents(scores[0]);
  if (documents != is_of_documents(scores.back())) {
    throw InputError(fmt::format("'{}' is a model of {} and '{}' one of {} (must be of the same)",
                                 models[0]->origin, documents ? "documents" : "records",
                                 models.back()->origin, documents ? "records" : "documents"));
  }
  const Totals totals = score_data(models, scores, input, settings.weights, comm);
  const Words words = words_of(scores, totals);
  const std::string data = fmt::format("{}: {} {}", totals.source, totals.records, words.records);

  Comparison comparison;
  comparison.json = {{"data", totals.source},
                     {"records", totals.records},
                     {"units", unit.name},
                     {"quantity", words.total},
                     {"per", words.unit}};
  if (models.size() == 1) {
    comparison.json["model_file"] = models[0]->origin;
    comparison.line("p", data);
    describe_model("q", *models[0], comparison);
    add_cross_entropy(totals, words, unit, comparison);
  } else {
    comparison.json["p"] = origin_json(*models[0]);
    comparison.json["q"] = origin_json(*models[1]);
    describe_model("p", *models[0], comparison);
    describe_model("q", *models[1], comparison);
    comparison.line("data", data);
    add_difference(totals, words, unit, comparison);
  }
  if (words.is_bound)
    comparison.line("bound",
                    "of the log-likelihood, from below: what is lost of it may differ between models");
  return comparison;
}

}  // namespace jensen::app
