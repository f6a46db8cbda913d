#include <fmt/format.h>

#include "app/corpus_data.hpp"
#include "app/registry.hpp"
#include "app/report.hpp"
#include "compare.hpp"
#include "jensen/core/divergence.hpp"

namespace jensen::app {
namespace {

constexpr const char* kTopics = "/parameters/topics";

/// Of the row of q that is nearest to each row of p, by the symmetrised divergence but for constants of p.
std::vector<Index> nearest_rows(const RowMatrix& p, const RowMatrix& q) {
  const auto log = [](const RowMatrix& x) -> RowMatrix { return x.array().max(1e-300).log(); };
  const RowMatrix log_p = log(p), log_q = log(q);
  // sum p log p/q + sum q log q/p, less sum p log p
  Matrix distances = -(p * log_q.transpose()) - log_p * q.transpose();
  distances.rowwise() += (q.array() * log_q.array()).rowwise().sum().matrix().transpose();
  std::vector<Index> nearest(static_cast<std::size_t>(p.rows()));
  for (Index a = 0; a < p.rows(); ++a) distances.row(a).minCoeff(&nearest[static_cast<std::size_t>(a)]);
  return nearest;
}

}  // namespace

bool has_topics(const Document& document) {
  return document.has(kTopics);
}

Comparison compare_topics(const Document& p_file, const Document& q_file, const Unit& unit) {
  for (const Document* file : {&p_file, &q_file}) model_of(*file)->require_parameters(*file);
  require_same_vocabulary(p_file, q_file.origin, q_file.integer_attribute("/data", "vocabulary_size"),
                          stored_words(q_file));
  const RowMatrix p = p_file.matrix(kTopics), q = q_file.matrix(kTopics);
  const std::vector<Index> nearest = nearest_rows(p, q);

  Comparison comparison;
  comparison.json = {
      {"p", p_file.origin}, {"q", q_file.origin}, {"units", unit.name}, {"topics", Json::array()}};
  describe_model("p", p_file, comparison);
  describe_model("q", q_file, comparison);
  Table table{{"topic of p", "nearest of q", "KL(p || q)", "KL(q || p)", "symmetrised", "Jensen-Shannon"},
              {}};
  for (Index a = 0; a < p.rows(); ++a) {
    const Index b = nearest[static_cast<std::size_t>(a)];
    const std::span<const double> from(p.row(a).data(), static_cast<std::size_t>(p.cols()));
    const std::span<const double> to(q.row(b).data(), static_cast<std::size_t>(q.cols()));
    const std::array values = {unit.of(kl_divergence(from, to)), unit.of(kl_divergence(to, from)),
                               unit.of(symmetrised_divergence(from, to)),
                               unit.of(jensen_shannon_divergence(from, to))};
    std::vector<std::string> row = {fmt::format("{}", a), fmt::format("{}", b)};
    for (const double value : values) row.push_back(fmt::format("{:.6g}", value));
    table.rows.push_back(std::move(row));
    comparison.json["topics"].push_back({{"p", a},
                                         {"q", b},
                                         {"kl", json_number(values[0])},
                                         {"reverse_kl", json_number(values[1])},
                                         {"symmetrised", json_number(values[2])},
                                         {"jensen_shannon", json_number(values[3])}});
  }
  comparison.text += "\n" + render(table) + "\n";
  comparison.line(
      "topics", fmt::format("exact, in {}; each beside the one of least symmetrised divergence", unit.name));
  comparison.line("", "--data compares what the models say of documents");
  return comparison;
}

}  // namespace jensen::app
