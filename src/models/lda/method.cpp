#include "jensen/models/lda/method.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <sstream>

#include "jensen/core/error.hpp"

namespace jensen::lda {
namespace {

constexpr Index kTableWords = 8;

template <class Value>
Value one_of(const char* name, const std::string& text,
             std::initializer_list<std::pair<const char*, Value>> known) {
  std::string allowed;
  for (const auto& [word, value] : known) {
    if (text == word) return value;
    allowed += (allowed.empty() ? "" : " or ") + std::string(word);
  }
  throw UsageError(fmt::format("{} = '{}' (must be {})", name, text, allowed));
}

double number_in(const char* name, const std::string& text, const char* what) {
  std::istringstream in(text);
  double value = 0;
  if (in >> value && in.eof()) return value;
  throw UsageError(fmt::format("{} = '{}' (must be {})", name, text, what));
}

Vector numbers_in(const std::string& text, Index topics) {
  std::vector<double> values;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');)
    values.push_back(
        number_in("alpha", part, "positive numbers parted by commas, 1/K, learned or learned-asymmetric"));
  if (values.size() == 1) return symmetric(values[0], topics);
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

std::vector<Index> by_size(const Vector& sizes) {
  std::vector<Index> order(static_cast<std::size_t>(sizes.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return sizes[a] > sizes[b]; });
  return order;
}

/// The names of the words that a topic has most of, parted by blanks.
std::string top_words(const RowVector& topic, const std::vector<std::string>& names) {
  std::vector<Index> order(static_cast<std::size_t>(topic.size()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto count = static_cast<std::ptrdiff_t>(std::min<Index>(kTableWords, topic.size()));
  std::partial_sort(order.begin(), order.begin() + count, order.end(),
                    [&](Index a, Index b) { return topic[a] != topic[b] ? topic[a] > topic[b] : a < b; });
  std::string text;
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const auto word = static_cast<std::size_t>(order[static_cast<std::size_t>(i)]);
    text += (i > 0 ? " " : "") + (word < names.size() ? names[word] : fmt::format("{}", word));
  }
  return text;
}

std::vector<std::string> vocabulary_of(const Document& document) {
  if (!document.has("/data/vocabulary")) return {};
  const auto* const names = std::get_if<std::vector<std::string>>(&document.array("/data/vocabulary").values);
  return names != nullptr ? *names : std::vector<std::string>{};
}

}  // namespace

std::string word_prior_of(const Options& options) {
  const bool is_data_set = options.eta.starts_with('/') || options.eta.find(":/") != std::string::npos;
  return is_data_set ? options.eta : "";
}

Settings make_settings(const Options& options, Index topics, Index documents, std::uint64_t seed,
                       const Vector& word_prior) {
  if (topics < 1) throw UsageError(fmt::format("components = {} (must be at least 1)", topics));
  const double even = 1 / static_cast<double>(topics);
  Settings settings{
      .topics = topics,
      .kind = one_of("topics", options.topics,
                     {std::pair("dirichlet", TopicKind::dirichlet), std::pair("point", TopicKind::point)}),
      .document_step = one_of(
          "document-step", options.document_step,
          {std::pair("block", DocumentStep::block), std::pair("sequential", DocumentStep::sequential)}),
      .most_sweeps = options.document_sweeps,
      .document_tolerance = options.document_tolerance,
      .alpha = symmetric(even, topics),
      .eta = symmetric(even, 1),
      .warm_start = options.warm_documents,
      .batches = {.documents = documents,
                  .batch_documents = options.batch,
                  .kappa = options.kappa,
                  .tau0 = options.tau0,
                  .seed = seed}};
  if (options.alpha == "learned") {
    settings.learn_alpha = Learning::symmetric;
  } else if (options.alpha == "learned-asymmetric") {
    settings.learn_alpha = Learning::asymmetric;
  } else if (options.alpha != "1/K") {
    settings.alpha = numbers_in(options.alpha, topics);
  }
  if (options.eta == "1/K") return settings;
  if (options.eta == "learned") {
    settings.learn_eta = Learning::symmetric;
  } else if (options.eta == "learned-asymmetric") {
    settings.learn_eta = Learning::asymmetric;
  } else if (word_prior_of(options).empty()) {
    settings.eta = symmetric(
        number_in("eta", options.eta, "a positive number, a data set, 1/K, learned or learned-asymmetric"),
        1);
    return settings;
  } else if (word_prior.size() > 0) {
    settings.eta = word_prior;
  }
  if (settings.kind == TopicKind::point) {
    throw UsageError(fmt::format(
        "eta = {}, but point topics have no prior; leave out --eta or --topics point", options.eta));
  }
  return settings;
}

void Method::record(const Evaluation& evaluation, Document& document) {
  const auto& [bound, completion, coherences] = evaluation;
  document.set_attribute("/fit", "elbo", bound.elbo());
  document.set_attribute("/fit", "units", std::string("nats"));
  document.set_attribute("/fit", "total_weight", bound.tokens);
  document.set_attribute("/fit", "records", static_cast<std::int64_t>(bound.documents));
  if (bound.tokens > 0) {
    document.set_attribute("/fit", "elbo_per_token", bound.elbo() / bound.tokens);
    document.set_attribute("/fit", "bound", bound.of_documents);
    document.set_attribute("/fit", "bound_per_token", bound.of_documents / bound.tokens);
    document.set_attribute("/fit", "perplexity_bound", bound.perplexity());
    document.set_attribute("/fit", "perplexity_bound_with_topics", bound.perplexity_with_topics());
  }
  if (completion.tokens > 0) document.set_attribute("/fit", "perplexity_completion", completion.perplexity());
  document.set("/fit/sizes", bound.sizes);
  Vector umass(static_cast<Index>(coherences.size())), npmi = umass;
  for (std::size_t k = 0; k < coherences.size(); ++k) {
    umass[static_cast<Index>(k)] = coherences[k].umass;
    npmi[static_cast<Index>(k)] = coherences[k].npmi;
  }
  document.set("/fit/coherence_umass", umass);
  document.set("/fit/coherence_npmi", npmi);
}

void Method::log_density(const Model& model, const CountBlock& block, Eigen::ArrayXd& bounds) {
  Prediction prediction;
  lda::predict(model, block, prediction);
  bounds = prediction.values.col(0).array();
}

Table Method::component_table(const Document& document) {
  const RowMatrix topics = document.matrix("/parameters/topics");
  const Vector sizes = document.vector("/parameters/sizes"), alpha = document.vector("/parameters/alpha");
  if (sizes.size() != topics.rows() || alpha.size() != topics.rows()) {
    throw InputError(fmt::format(
        "'/parameters/sizes' and 'alpha' in {} have {} and {} values (must be {}, one for each topic)",
        document.origin, sizes.size(), alpha.size(), topics.rows()));
  }
  const bool judged = document.has("/fit/coherence_npmi");  // not in a checkpoint
  const Vector npmi = judged ? document.vector("/fit/coherence_npmi") : Vector(Vector::Zero(topics.rows()));
  const std::vector<std::string> names = vocabulary_of(document);
  Table table{{"topic", "tokens", "share", "alpha", "NPMI", "top words"}, {}};
  for (const Index k : by_size(sizes)) {
    const double share = sizes.sum() > 0 ? sizes[k] / sizes.sum() : 0;
    table.rows.push_back({fmt::format("{}", k), fmt::format("{:.1f}", sizes[k]), fmt::format("{:.4f}", share),
                          fmt::format("{:.4g}", alpha[k]),
                          judged && k < npmi.size() ? fmt::format("{:.3f}", npmi[k]) : "-",
                          top_words(topics.row(k), names)});
  }
  return table;
}

}  // namespace jensen::lda
