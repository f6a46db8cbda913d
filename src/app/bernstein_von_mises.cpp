#include "bernstein_von_mises.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"
#include "report.hpp"

namespace jensen::app {
namespace {

const std::string kGroup = "/fit/bernstein_von_mises/";

const std::vector<std::string>& sentences(const Document& document, const char* name) {
  const auto* const texts = std::get_if<std::vector<std::string>>(&document.array(kGroup + name).values);
  if (texts == nullptr) throw InputError(fmt::format("'{}{}' are no texts (must be)", kGroup, name));
  return *texts;
}

}  // namespace

bool has_bernstein_von_mises(const Document& document) {
  return document.has(kGroup + "records");
}

std::string bernstein_von_mises_report(const Document& document) {
  const Vector records = document.vector(kGroup + "records");
  const auto column = [&](const std::string& name) {
    const Vector values = document.vector(kGroup + name);
    if (values.size() == records.size()) return values;
    throw InputError(fmt::format("'{}{}' has {} values (must be {}, one for each part of the records)",
                                 kGroup, name, values.size(), records.size()));
  };
  const Vector laplace = column("laplace/divergence"), likelihood = column("likelihood/divergence"),
               observed = column("observed/divergence"), expected = column("expected_information"),
               sandwich = column("sandwich/divergence"), means = column("likelihood/mean_difference"),
               deviations = column("likelihood/deviation_difference"), gap = column("mean_field_gap");
  Table table{{"records", "KL to Laplace", "KL to MLE", "observed", "sandwich", "mean apart", "sd apart",
               "mean-field gap"},
              {}};
  const auto number = [](double value) { return fmt::format("{:.3g}", value); };
  for (Index i = 0; i < records.size(); ++i) {
    table.rows.push_back({fmt::format("{:g}", records[i]), number(laplace[i]), number(likelihood[i]),
                          number(observed[i]), number(sandwich[i]), number(means[i]), number(deviations[i]),
                          number(gap[i])});
  }
  std::string text =
      "Bernstein-von Mises: the posterior against normals, on nested parts of the records; KL in nats, from "
      "the\nposterior; at the MLE with the expected information, the observed one, the sandwich; mean apart "
      "in its\nsds, sd apart as |log ratio|, largest over parameters, to the first of these\n\n";
  if (!table.rows.empty()) text += render(table, {.rows = 40}) + "\n";
  const auto refused = sentences(document, "refused_parts").size();
  if (refused > 0) {
    text += fmt::format(
        "{} more {} refused: there are no such normals ('/fit/bernstein_von_mises/refused_parts' of the file "
        "says why)\n",
        refused, refused == 1 ? "part is" : "parts are");
  }
  if (expected.size() > 0 && expected.minCoeff() == 0)
    text += "the model does not say what information it expects: the observed one stands in for it\n";
  text += "the mean-field gap is not a sample-size effect; the theorem holds where\n";
  for (const std::string& condition : sentences(document, "conditions")) text += "  - " + condition + "\n";
  for (const std::string& refusal : sentences(document, "refusals")) text += "no verdict: " + refusal + "\n";
  for (const std::string& verdict : sentences(document, "verdict")) text += "verdict: " + verdict + "\n";
  return text;
}

}  // namespace jensen::app
