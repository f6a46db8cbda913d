#include "jensen/io/table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "numeric_dataset.hpp"

namespace jensen::io {

std::vector<double> read_table(const std::string& name) {
  const DatasetName parsed = DatasetName::parse(name);
  if (parsed.path.empty()) {
    throw InputError(fmt::format("'{0}' names no data set; name it as {0}:/dataset", name));
  }
  const NumericDataset dataset(parsed);
  const auto& shape = dataset.shape();
  const bool wide = shape.size() == 2 && std::min(shape[0], shape[1]) > 1;
  if (shape.empty() || shape.size() > 2 || wide) {
    throw InputError(fmt::format("'{}' has shape {} (must be a table of one dimension: n numbers)", name,
                                 shape_text(shape)));
  }
  const Index columns = shape.size() == 2 ? shape[1] : 1;
  std::vector<double> values(static_cast<std::size_t>(shape[0] * columns));
  if (values.empty()) return values;
  dataset.require_written();
  dataset.read(0, shape[0], values.data());
  return values;
}

}  // namespace jensen::io
