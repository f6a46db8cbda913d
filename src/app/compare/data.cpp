#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/corpus_data.hpp"
#include "app/dense_data.hpp"
#include "app/registry.hpp"
#include "app/report.hpp"
#include "compare.hpp"
#include "jensen/core/error.hpp"
#include "jensen/fit/accumulate.hpp"

namespace jensen::app {
namespace {

using mixture::LogDensity;
using OfDocuments = RecordScores::OfDocuments;

/// Weighted sums over records, of one model or of two and their difference p - q.
struct Totals {
  struct Sum {
    double values = 0, squares = 0;
  };

  Index records = 0;
  double weight = 0;
  double tokens = 0;  // of documents
  std::string source = {};
  std::vector<Sum> sums = {};

  /// Of the total over the records, as a sample; NaN of one record.
  double standard_error(const Sum& sum) const {
    const double mean = sum.values / weight;
    return std::sqrt(weight * std::max(sum.squares / weight - mean * mean, 0.0) * weight / (weight - 1));
  }
};

/// What one pass adds up: `score(block, m, values)` of each model m.
class RecordSums {
 public:
  explicit RecordSums(std::size_t models) : values_(models), statistics_(static_cast<Index>(2 * count())) {}

  template <class Shard, class Score, class Weights>
  Totals add_up(const Shard& shard, const Communicator& comm, Score score, Weights weights) {
    accumulate(shard, comm, statistics_, [&](const auto& block, Index, Statistics& sums) {
      for (std::size_t m = 0; m < values_.size(); ++m) score(block, m, values_[m]);
      const Eigen::ArrayXd w = weights(block, sums);
      for (std::size_t m = 0; m < values_.size(); ++m) add(m, w, values_[m], sums);
      if (values_.size() == 2) add(2, w, values_[0] - values_[1], sums);
      sums.weight() += w.sum();
    });
    Totals totals{.weight = statistics_.weight(), .tokens = statistics_.objective()};
    for (std::size_t i = 0; i < count(); ++i)
      totals.sums.push_back({statistics_.body()[2 * i], statistics_.body()[2 * i + 1]});
    return totals;
  }

 private:
  std::size_t count() const { return values_.size() == 2 ? 3 : values_.size(); }
  static void add(std::size_t i, const Eigen::ArrayXd& w, const Eigen::ArrayXd& values, Statistics& sums) {
    if (values.isNaN().any()) {
      throw NumericalError(
          "the log-density of a record is not a number (must be: it may lie too far from every component)");
    }
    sums.body()[2 * i] += (w > 0).select(w * values, 0.0).sum();
    sums.body()[2 * i + 1] += (w > 0).select(w * values.square(), 0.0).sum();
  }

  std::vector<Eigen::ArrayXd> values_;
  Statistics statistics_;
};

Totals score_records(const std::vector<const Document*>& models, const std::vector<RecordScores>& scores,
                     const std::string& input, const std::string& weights, const Communicator& comm) {
  const io::DatasetInfo info = io::inspect(input, comm);
  for (std::size_t m = 0; m < models.size(); ++m) {
    const Index features = std::get<LogDensity>(scores[m].values).features();
    if (info.features != features) {
      throw InputError(fmt::format("'{}' has {} features (must be {}, as in the data that {} was fitted to)",
                                   info.name(), info.features, features, models[m]->origin));
    }
    warn_of_names(feature_names_of(*models[m], features), models[m]->origin, info.feature_names, info.name(),
                  comm);
  }
  const io::LoadedData data = io::load(info, {.weights = weights}, comm);
  AlignedVector<double> buffer;
  const auto score = [&](const DenseBlock& block, std::size_t m, Eigen::ArrayXd& values) {
    std::get<LogDensity>(scores[m].values).evaluate(block.records, buffer, values);
  };
  Totals totals =
      RecordSums(models.size()).add_up(data.shard, comm, score, [](const DenseBlock& block, Statistics&) {
        Eigen::ArrayXd w = Eigen::ArrayXd::Ones(block.rows());
        block.apply_weights(w);
        return w;
      });
  totals.records = info.records;
  totals.source = info.name();
  return totals;
}

Totals score_documents(const std::vector<const Document*>& models, const std::vector<RecordScores>& scores,
                       const std::string& input, const std::string& weights, const Communicator& comm) {
  if (!weights.empty())
    throw UsageError(fmt::format("weights = '{}' (each document counts once); leave it out", weights));
  const io::CorpusFileInfo info = io::inspect_corpus(input, comm);
  for (const Document* model : models)
    require_same_vocabulary(*model, info.name(), info.vocabulary, info.words);
  const io::LoadedCorpus data = io::load_corpus(info, {.fractional_counts = true}, comm);
  const auto score = [&](const CountBlock& block, std::size_t m, Eigen::ArrayXd& values) {
    std::get<OfDocuments>(scores[m].values)(block, values);
  };
  Totals totals = RecordSums(models.size())
                      .add_up(data.shard, comm, score, [](const CountBlock& block, Statistics& sums) {
                        for (const double count : block.counts) sums.objective() += count;
                        return Eigen::ArrayXd::Ones(block.documents()).eval();
                      });
  totals.records = data.shard.documents();
  totals.source = info.name();
  return totals;
}

/// What the totals are of, in words.
struct Words {
  std::string records, unit;  // "records", "record"
  std::string total;          // "log-likelihood"
  bool is_bound;
  double units;  // records, by weight, or tokens
};

Words words_of(const std::vector<RecordScores>& scores, const Totals& totals) {
  const bool documents = std::holds_alternative<OfDocuments>(scores[0].values);
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
  comparison.line("H(p, q)", "= H(p) + KL(p || q), where H(p) is the data's own: over models q, the largest");
  comparison.line("", fmt::format("{} and the smallest KL(p || q) are the same", words.total));
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
  const bool documents = std::holds_alternative<OfDocuments>(scores[0].values);
  if (documents != std::holds_alternative<OfDocuments>(scores.back().values)) {
    throw InputError(fmt::format("'{}' is a model of {} and '{}' one of {} (must be of the same)",
                                 models[0]->origin, documents ? "documents" : "records",
                                 models.back()->origin, documents ? "records" : "documents"));
  }
  const Totals totals =
      (documents ? score_documents : score_records)(models, scores, input, settings.weights, comm);
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
    comparison.line("q", describe_model(*models[0]));
    add_cross_entropy(totals, words, unit, comparison);
  } else {
    comparison.json["p"] = origin_json(*models[0]);
    comparison.json["q"] = origin_json(*models[1]);
    comparison.line("p", describe_model(*models[0]));
    comparison.line("q", describe_model(*models[1]));
    comparison.line("data", data);
    add_difference(totals, words, unit, comparison);
  }
  if (words.is_bound)
    comparison.line("bound",
                    "of the log-likelihood, from below: what is lost of it may differ between models");
  return comparison;
}

}  // namespace jensen::app
