#include "totals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/corpus_data.hpp"
#include "app/dense_data.hpp"
#include "compare.hpp"
#include "jensen/core/error.hpp"
#include "jensen/fit/accumulate.hpp"

namespace jensen::app {
namespace {

using mixture::LogDensity;
using OfDocuments = RecordScores::OfDocuments;

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
    if (((w > 0) && values.isNaN()).any()) {
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

}  // namespace

double Totals::standard_error(const Sum& sum) const {
  const double mean = sum.values / weight;
  return std::sqrt(weight * std::max(sum.squares / weight - mean * mean, 0.0) * weight / (weight - 1));
}

bool is_of_documents(const RecordScores& scores) {
  return std::holds_alternative<OfDocuments>(scores.values);
}

Totals score_data(const std::vector<const Document*>& models, const std::vector<RecordScores>& scores,
                  const std::string& input, const std::string& weights, const Communicator& comm) {
  return (is_of_documents(scores[0]) ? score_documents : score_records)(models, scores, input, weights, comm);
}

}  // namespace jensen::app
