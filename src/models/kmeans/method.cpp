#include "jensen/models/kmeans/method.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "jensen/core/error.hpp"
#include "jensen/data/shard.hpp"
#include "jensen/fit/accumulate.hpp"

namespace jensen::kmeans {

namespace {

Kernel kernel_of(const Options& options) {
  if (options.kernel == "automatic") return Kernel::automatic;
  if (options.kernel == "plain") return Kernel::plain;
  if (options.kernel == "bounded") return Kernel::bounded;
  throw UsageError(fmt::format("kernel = '{}' (must be automatic, plain or bounded)", options.kernel));
}

Settings settings_of(const Options& options) {
  return {.arithmetic = arithmetic_of(options.precision), .kernel = kernel_of(options)};
}

}  // namespace

std::vector<std::string> Method::check(const Options& options, const FeatureSummary& summary,
                                       const std::vector<std::string>& feature_names) {
  if (arithmetic_of(options.precision) == Arithmetic::float32)
    require_safe_in_float32(summary, Scaling::common);
  if (!(options.fixed_variance >= 0)) {
    throw UsageError(
        fmt::format("fixed-variance = {:g} (must be positive, or 0 to estimate it)", options.fixed_variance));
  }
  if (options.fixed_variance > 0 && !options.decompose)
    throw UsageError("fixed-variance goes with --decompose, k-means itself having no variance; give both");
  std::vector<std::string> warnings;
  for (Index d = 0; d < summary.features(); ++d) {
    if (summary.variance[d] > 0) continue;
    warnings.push_back(fmt::format("feature '{}' is constant ({:g}): it does not tell clusters apart",
                                   feature_names[static_cast<std::size_t>(d)], summary.mean[d]));
  }
  return warnings;
}

void Method::set_tolerance(double tolerance, Stopping& stopping) {
  stopping.relative_gain = tolerance;
  stopping.stop_when_unchanged = true;
}

KMeans Method::make(const Options& options, Index components, const FeatureSummary& summary,
                    const Transform& transform, std::uint64_t seed) {
  return KMeans(components, summary, transform, seed, settings_of(options));
}

HardMixture HardMixtureMethod::make(const Options& options, Index components, const FeatureSummary& summary,
                                    const Transform& transform, std::uint64_t seed) {
  return {components, summary, transform, seed, settings_of(options), options.fixed_variance};
}

void Method::evaluate(const Model& model, const Options&, const DenseShard& shard, const Communicator& comm,
                      Document& document) {
  const Index k = model.components();
  Statistics sums(2 * k);
  std::vector<Index> labels;
  accumulate(shard, comm, sums, [&](const DenseBlock& block, Index, Statistics& s) {
    model.assign(block, labels);
    const Vector squared = model.squared_distances(block, labels);
    for (Index row = 0; row < block.rows(); ++row) {
      const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(row)]);
      const double weight = block.weight(row);
      if (!(weight > 0)) continue;
      s.body()[label] += weight;
      s.body()[label + static_cast<std::size_t>(k)] += weight * squared[row];
      s.objective() += weight * squared[row];
      s.weight() += weight;
    }
    s.records() = static_cast<double>(block.rows());
  });
  document.set_attribute("/fit", "inertia", sums.objective());
  document.set_attribute("/fit", "units", std::string(model.units().unit));
  document.set_attribute("/fit", "total_weight", sums.weight());
  document.set_attribute("/fit", "records", static_cast<std::int64_t>(sums.records()));
  document.set("/fit/sizes", sums.body().first(static_cast<std::size_t>(k)), {k});
  document.set("/fit/inertias", sums.body().last(static_cast<std::size_t>(k)), {k});
}

Table Method::component_table(const Document& document) {
  const RowMatrix centroids = document.matrix("/parameters/centroids");
  const Index k = centroids.rows();
  const bool counted = document.has("/fit/sizes");  // not in a checkpoint
  const Vector none = Vector::Zero(k);
  const Vector sizes = counted ? document.vector("/fit/sizes") : none;
  const Vector inertias = counted ? document.vector("/fit/inertias") : none;
  if (sizes.size() != k || inertias.size() != k) {
    throw InputError(fmt::format(
        "'/fit/sizes' and '/fit/inertias' in {} have {} and {} values (must be {}, one for each cluster)",
        document.origin, sizes.size(), inertias.size(), k));
  }
  std::vector<Index> order(static_cast<std::size_t>(sizes.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return sizes[a] > sizes[b]; });
  Table table{{"cluster", "size", "share", "rms distance"}, {}};
  for (const std::string& name : feature_names_of(document, centroids.cols())) table.header.push_back(name);
  for (const Index c : order) {
    const double rms = sizes[c] > 0 ? std::sqrt(inertias[c] / sizes[c]) : 0;
    std::vector<std::string> row = {fmt::format("{}", c), fmt::format("{:g}", sizes[c]),
                                    fmt::format("{:.4f}", sizes[c] / sizes.sum()),
                                    fmt::format("{:.5g}", rms)};
    if (!counted) row = {fmt::format("{}", c), "-", "-", "-"};
    for (Index d = 0; d < centroids.cols(); ++d) row.push_back(fmt::format("{:.5g}", centroids(c, d)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

void Method::predict(const Model& model, const DenseBlock& block, Prediction& prediction) {
  model.assign(block, prediction.labels);
  prediction.values = model.squared_distances(block, prediction.labels);
}

}  // namespace jensen::kmeans
