#include "jensen/data/response_summary.hpp"

#include <fmt/format.h>

#include <cmath>

#include "jensen/core/error.hpp"

namespace jensen {
namespace {

NdArray integers(const std::vector<std::int64_t>& values) {
  return {{static_cast<Index>(values.size())}, values};
}

std::vector<std::int64_t> stored_integers(const Document& document, const std::string& path) {
  if (!document.has(path)) return {};
  const auto* const values = std::get_if<std::vector<std::int64_t>>(&document.array(path).values);
  if (values == nullptr) throw InputError(fmt::format("'{}' are no integers (must be)", path));
  return *values;
}

}  // namespace

void store_summary(const ResponseSummary& summary, Document& document) {
  store_transform(summary.transform, document);
  document.set("/data/feature_means", summary.feature_summary.mean);
  document.set("/data/feature_variances", summary.feature_summary.variance);
  document.set_attribute("/data", "total_weight", summary.total_weight);
  document.set_attribute("/data", "block_records", summary.block_rows);
  if (summary.has_response) {
    document.set_attribute("/data", "response_mean", summary.mean);
    document.set_attribute("/data", "response_variance", summary.variance);
  }
  if (!summary.separation.empty()) document.set_attribute("/data", "separation", summary.separation);
  if (!summary.classes.empty()) document.set("/data/classes", integers(summary.classes));
  if (!summary.groups.empty()) document.set("/data/groups", integers(summary.groups));
}

ResponseSummary stored_summary(const Document& document) {
  ResponseSummary summary;
  summary.transform = {document.vector("/preprocess/shift"), document.vector("/preprocess/scale")};
  const Index features = summary.transform.shift.size();
  summary.feature_summary = unit_summary(features);
  summary.feature_summary.mean = document.vector("/data/feature_means");
  summary.feature_summary.variance = document.vector("/data/feature_variances");
  summary.feature_names = feature_names_of(document, features);
  const auto named = static_cast<Index>(summary.feature_names.size());
  if (summary.transform.scale.size() != features || summary.feature_summary.mean.size() != features ||
      summary.feature_summary.variance.size() != features || named != features) {
    throw InputError(fmt::format(
        "'/preprocess/scale', '/data/feature_means', '/data/feature_variances' and the names of features are "
        "{}, {}, {} and {} (must be {}, as '/preprocess/shift')",
        summary.transform.scale.size(), summary.feature_summary.mean.size(),
        summary.feature_summary.variance.size(), named, features));
  }
  for (Index j = 0; j < features; ++j) {
    const double shift = summary.transform.shift[j], scale = summary.transform.scale[j];
    if (std::isfinite(shift) && scale > 0 && std::isfinite(scale) && summary.feature_summary.variance[j] >= 0)
      continue;
    throw InputError(fmt::format(
        "feature {} has shift {}, scale {} and variance {} (must be finite, positive, and not negative)", j,
        shift, scale, summary.feature_summary.variance[j]));
  }
  summary.records = document.integer_attribute("/data", "records");
  summary.block_rows = document.integer_attribute("/data", "block_records");
  summary.total_weight = summary.feature_summary.total_weight =
      document.number_attribute("/data", "total_weight");
  if (summary.records < 1 || summary.block_rows < 1 || !(summary.total_weight > 0)) {
    throw InputError(
        fmt::format("'/data' has {} records in blocks of {} and a total weight of {} (must be positive)",
                    summary.records, summary.block_rows, summary.total_weight));
  }
  summary.has_response = document.has_attribute("/data", "response_mean");
  if (summary.has_response) {
    summary.mean = document.number_attribute("/data", "response_mean");
    summary.variance = document.number_attribute("/data", "response_variance");
  }
  if (document.has_attribute("/data", "separation"))
    summary.separation = document.text_attribute("/data", "separation");
  summary.classes = stored_integers(document, "/data/classes");
  summary.groups = stored_integers(document, "/data/groups");
  return summary;
}

}  // namespace jensen
