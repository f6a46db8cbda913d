#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "bernstein_von_mises.hpp"
#include "decomposition.hpp"
#include "json.hpp"
#include "optima.hpp"
#include "print.hpp"

namespace jensen::app {
namespace {

class Lines {
 public:
  explicit Lines(const Document& document) : document_(document) {}

  bool has(const char* name) const { return document_.has_attribute("/fit", name); }
  double number(const char* name) const { return document_.number_attribute("/fit", name); }
  std::string text(const char* name) const { return document_.text_attribute("/fit", name); }

  void add(const std::string& label, const std::string& value) {
    out_ += fmt::format("{:<24}{}\n", label, value);
  }
  void add_number(const char* name, const std::string& label, const std::string& remark) {
    if (has(name)) add(label, fmt::format("{:<18}{}", fmt::format("{:.9g}", number(name)), remark));
  }
  void add_lines(const std::string& lines) { out_ += lines; }
  void gap() { out_ += "\n"; }
  std::string take() { return std::move(out_); }

 private:
  const Document& document_;
  std::string out_;
};

/// Widths and sides of a table's columns.
class Layout {
 public:
  explicit Layout(const Table& table) {
    for (std::size_t column = 0; column < table.header.size(); ++column) {
      std::size_t width = table.header[column].size();
      for (const auto& row : table.rows) width = std::max(width, row[column].size());
      widths_.push_back(width);
      left_.push_back(holds_text(table, column));
    }
  }

  std::size_t width(std::size_t column) const { return widths_[column]; }

  /// The first cell and those of columns begin ... end - 1.
  std::string line(const std::vector<std::string>& row, std::size_t begin, std::size_t end) const {
    std::string text = cell(row, 0);
    for (std::size_t column = begin; column < end; ++column) text += "  " + cell(row, column);
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  }

 private:
  std::string cell(const std::vector<std::string>& row, std::size_t column) const {
    return left_[column] ? fmt::format("{:<{}}", row[column], widths_[column])
                         : fmt::format("{:>{}}", row[column], widths_[column]);
  }

  std::vector<std::size_t> widths_;
  std::vector<bool> left_;
};

std::string sentence_of(const std::string& reason, const Nouns& nouns) {
  const std::vector<std::pair<std::string, std::string>> kSentences = {
      {"gain_tolerance", fmt::format("the gain per {} fell below the tolerance", nouns.weight)},
      {"relative_tolerance", "the relative gain fell below the tolerance"},
      {"absolute_tolerance", "the gain fell below the absolute tolerance"},
      {"parameter_tolerance", "no parameter moved by more than the tolerance"},
      {"none", "still under way"},
      {"parameters_unchanged", "the parameters no longer change"},
      {"iteration_limit", "the iteration limit was reached"},
      {"iteration_limit_requested", "the requested number of iterations was done"},
      {"objective_fell", "the objective fell beyond rounding, against theory"},
      {"stop_requested", "a stop was requested"},
  };
  for (const auto& [name, sentence] : kSentences) {
    if (name == reason) return sentence;
  }
  return reason;
}

/// Why criteria of this fit are not to be trusted, or nothing.
std::string doubt_of(const Lines& lines) {
  if (lines.has("floor_active") && lines.number("floor_active") != 0) {
    return "; NOT TO BE TRUSTED: the covariance floor acts";
  }
  if (lines.has("singular") && lines.number("singular") != 0) {
    return "; NOT TO BE TRUSTED: a component has no more records than features";
  }
  return "";
}

constexpr double kNearlyAll = 0.9;  // of the draws, as effective ones

/// What fresh draws say of a q that was found by noisy gradients.
void add_judgement(Lines& lines) {
  lines.add("ELBO",
            fmt::format("{:<18}{}", fmt::format("{:.9g}", lines.number("elbo")),
                        fmt::format("nats, standard error {:.2g} of {:g} fresh draws; at most log p(X)",
                                    lines.number("elbo_standard_error"), lines.number("final_draws"))));
  lines.add_number("log_evidence", "log evidence", "nats, by importance sampling");
  // The shape of a tail does no harm where the weights are nearly equal.
  const double threshold = lines.number("k_hat_threshold");
  const double share = lines.number("effective_draws") / lines.number("final_draws");
  const bool known = lines.has("k_hat"), below = known && lines.number("k_hat") < threshold;
  lines.add(
      "k-hat",
      fmt::format("{:<18}{}", known ? fmt::format("{:.2f}", lines.number("k_hat")) : "infinite",
                  below ? fmt::format("below {:.2f}: q is close enough for its weighted draws to be trusted",
                                      threshold)
                  : share >= kNearlyAll
                      ? fmt::format("not below {:.2f}, but nearly all draws count: q is close", threshold)
                      : fmt::format("not below {:.2f}: q IS FAR FROM THE POSTERIOR, do not trust its sds",
                                    threshold)));
  lines.add("effective draws",
            fmt::format("{:<18}{}", fmt::format("{:.0f}", lines.number("effective_draws")),
                        fmt::format("of {:g}, by their importance weights", lines.number("final_draws"))));
  if (lines.number("failed_draws") > 0) {
    lines.add("failed draws", fmt::format("{:<18g}{}", lines.number("failed_draws"),
                                          "where the target was NaN or infinite; left out"));
  }
}

void add_ending(Lines& lines, const Nouns& nouns) {
  const bool converged = lines.number("converged") != 0;
  const std::string reason = lines.text("stop_reason");
  lines.add(converged                               ? "converged"
            : reason == "iteration_limit_requested" ? "ended"
            : reason == "none"                      ? "under way"
                                                    : "NOT CONVERGED",
            fmt::format("after {:g} iterations: {}", lines.number("iteration"), sentence_of(reason, nouns)));
  if (lines.has("estimated_gain") && lines.number("estimated_gain") > 0) {
    lines.add("gain still to come", fmt::format("{:.3g} {} in all (Aitken's estimate)",
                                                lines.number("estimated_gain"), lines.text("units")));
  }
  if (lines.has("restarts") && lines.number("restarts") > 1) {
    lines.add("restarts", fmt::format("{:g}, best: number {:g}; {:g} came within 1e-6 (relative) of it",
                                      lines.number("restarts"), lines.number("best_restart") + 1,
                                      lines.number("restarts_near_best")));
  }
  if (lines.has("failed_restarts") && lines.number("failed_restarts") > 0) {
    lines.add("failed restarts", fmt::format("{:g} ended in a numerical failure and are left out",
                                             lines.number("failed_restarts")));
  }
  if (lines.number("repairs") > 0) {
    lines.add("repairs", fmt::format("{:g}{} (jensen info --json lists them)", lines.number("repairs"),
                                     *nouns.components != 0 ? ": empty components were revived" : ""));
  }
  if (lines.number("falls") > 0) {
    lines.add("falls", fmt::format("the objective fell {:g} times beyond rounding", lines.number("falls")));
  }
}

}  // namespace

bool holds_text(const Table& table, std::size_t column) {
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
    return row[column].find_first_not_of("0123456789+-.einfa%") != std::string::npos;
  });
}

std::string human_bytes(double bytes) {
  static constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) bytes /= 1024, ++unit;
  return fmt::format("{:.3g} {}", bytes, kUnits[unit]);
}

std::string human_seconds(double seconds) {
  if (seconds < 60) return fmt::format("{:.3g} s", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string render(const Table& table, const TableLimits& limits) {
  const Layout layout(table);
  const std::size_t rows = std::min(limits.rows, table.rows.size()), columns = table.header.size();
  std::string out;
  std::size_t begin = 1, bands = 0;
  do {
    std::size_t end = begin, width = layout.width(0);
    while (end < columns && (end == begin || width + 2 + layout.width(end) <= limits.width)) {
      width += 2 + layout.width(end++);
    }
    if (bands > 0) out += "\n";
    out += layout.line(table.header, begin, end);
    for (std::size_t i = 0; i < rows; ++i) out += layout.line(table.rows[i], begin, end);
    begin = end;
  } while (begin < columns && ++bands < limits.bands);
  if (rows < table.rows.size() || begin < columns) {
    out += fmt::format("... and {} more rows, {} more columns (jensen info --json shows all)\n",
                       table.rows.size() - rows, columns - begin);
  }
  return out;
}

void print_fit(const Document& document, const Table& components, const Nouns& nouns,
               const FitSettings& settings, const std::optional<PhaseTimes>& times) {
  if (settings.json) {
    Json json = attributes_json(document, "/fit");
    json["model_file"] = settings.output;
    if (has_decomposition(document)) json["decomposition"] = decomposition_json(document);
    if (times) json["profile"] = profile_json(*times);
    return print_json(json);
  }
  print_out("\n{}model file              {}\n", fit_report(document, components, nouns), settings.output);
  if (times) print_out("\n{}", render(profile_table(*times)));
}

std::string fit_report(const Document& document, const Table& components, const Nouns& nouns) {
  std::string text = render(components) + "\n";
  const char* const restarts = "/fit/restarts/objective";
  if (document.has(restarts) && document.array(restarts).size() > 1)
    text += render(optima_table(document), {.rows = 10}) + "\n";
  if (has_decomposition(document)) text += decomposition_tables(document) + "\n";
  if (has_bernstein_von_mises(document)) text += bernstein_von_mises_report(document) + "\n";
  return text + fit_summary(document, nouns);
}

std::string fit_summary(const Document& document, const Nouns& nouns) {
  Lines lines(document);
  if (lines.has("inertia"))
    lines.add_number("inertia", "inertia", lines.text("units") + "; smaller is better");
  if (lines.has("elbo_per_token")) {
    lines.add_number("elbo", "ELBO", "nats; larger is better");
    lines.add_number("elbo_per_token", "  per token", "nats");
    lines.add_number("perplexity_bound_with_topics", "perplexity", "by the ELBO; smaller is better");
    lines.add_number("perplexity_completion", "  by completion",
                     "of half of each document's tokens, given the other half");
  }
  lines.add_number("log_likelihood", "log-likelihood",
                   "nats, = ELBO (KL = 0 after an E-step); larger is better");
  lines.add_number("mean_log_likelihood", "  per record", "nats");
  if (lines.has("mean_elbo")) {
    lines.add_number("elbo", "ELBO", "nats, at most log p(X): one labelling of the components");
    lines.add_number("elbo_multiplicity", "  all labellings",
                     "nats, ELBO + ln(K!/d!), d dead components: compares K");
    lines.add_number("mean_elbo", "  per record", "nats");
  }
  if (lines.has("elbo_standard_error")) add_judgement(lines);
  lines.add_number("log_predictive", "log predictive", "nats, of the records that were fitted");
  lines.add_number("mean_log_predictive", "  per record", "nats");
  if (lines.has("live_components"))
    lines.add("live components",
              fmt::format("{:<18g}{}", lines.number("live_components"), "of at least one record"));
  if (lines.has("prior")) lines.add("prior", lines.text("prior"));
  lines.add_number("bic", "BIC", "smaller is better" + doubt_of(lines));
  lines.add_number("icl", "ICL", "smaller is better (BIC - 2 sum log max r)");
  lines.add_number("aic", "AIC", "smaller is better");
  lines.add_number("free_parameters", "free parameters", "");
  lines.add_number("entropy", "entropy of q", "nats; 0 = every record belongs to one component");
  if (lines.has("uncertain_share")) {
    lines.add("uncertain records",
              fmt::format("{:<18}{}", fmt::format("{:.2f} %", 100 * lines.number("uncertain_share")),
                          "1 - largest responsibility above 0.2"));
  }
  if (has_decomposition(document)) lines.add_lines(decomposition_summary(document));
  if (document.has_attribute("/data", "separation"))
    lines.add("SEPARATION", document.text_attribute("/data", "separation"));
  lines.gap();
  if (lines.has("stop_reason")) add_ending(lines, nouns);
  if (lines.has("total_seconds")) {
    lines.add("time", fmt::format("{} in all: computing {}, communicating {}, reading {}",
                                  human_seconds(lines.number("total_seconds")),
                                  human_seconds(lines.number("compute_seconds")),
                                  human_seconds(lines.number("communication_seconds")),
                                  human_seconds(lines.number("io_seconds"))));
  }
  return lines.take();
}

}  // namespace jensen::app
