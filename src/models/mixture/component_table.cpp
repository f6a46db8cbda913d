#include "jensen/models/mixture/component_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "jensen/core/error.hpp"
#include "jensen/models/mixture/stored_parameters.hpp"

namespace jensen::mixture {

Table component_table(const Document& document, double least_size) {
  require_shapes(document);
  const Vector weights = document.vector("/parameters/weights");
  const bool counted = document.has("/fit/sizes");  // not in a checkpoint
  const Vector sizes = counted ? document.vector("/fit/sizes") : weights;
  const RowMatrix means = document.matrix("/parameters/means");
  const Vector volumes = document.vector("/parameters/volume");
  const RowMatrix shapes = document.matrix("/parameters/shape");
  const auto orientations = document.numbers("/parameters/orientation");
  if (sizes.size() != weights.size()) {
    throw InputError(fmt::format("'/fit/sizes' in {} has {} values (must be {}, one for each component)",
                                 document.origin, sizes.size(), weights.size()));
  }
  const Index d = means.cols(), turned = document.array("/parameters/orientation").shape[0];
  const std::vector<std::string> names = feature_names_of(document, d);
  Table table{{"component", "weight", "N_k", "smallest eigenvalue", "largest eigenvalue"}, {}};
  for (const std::string& name : names) table.header.push_back("mean " + name);
  for (const std::string& name : names) table.header.push_back("sd " + name);

  std::vector<Index> order(static_cast<std::size_t>(weights.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return weights[a] > weights[b]; });
  for (const Index k : order) {
    if (!(sizes[k] >= least_size)) continue;
    const Index c = volumes.size() == 1 ? 0 : k;
    const Vector eigenvalues = volumes[c] * shapes.row(c);
    const Eigen::Map<const RowMatrix> orientation(orientations.data() + (turned == 1 ? 0 : c) * d * d, d, d);
    const Vector variances = orientation.cwiseAbs2() * eigenvalues;
    std::vector<std::string> row = {fmt::format("{}", k), fmt::format("{:.4f}", weights[k]),
                                    counted ? fmt::format("{:.1f}", sizes[k]) : "-",
                                    fmt::format("{:.3g}", eigenvalues.minCoeff()),
                                    fmt::format("{:.3g}", eigenvalues.maxCoeff())};
    for (Index j = 0; j < d; ++j) row.push_back(fmt::format("{:.5g}", means(k, j)));
    for (Index j = 0; j < d; ++j) row.push_back(fmt::format("{:.4g}", std::sqrt(variances[j])));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace jensen::mixture
