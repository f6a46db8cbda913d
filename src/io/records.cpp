#include "jensen/io/records.hpp"

#include <fmt/format.h>

#include "numeric_dataset.hpp"

namespace jensen::io {

RowMatrix read_records(const DatasetInfo& info, std::span<const Index> records) {
  constexpr std::int64_t kRowByRow = 1;  // so that a chunk stays in memory until its last record was read
  const NumericDataset dataset({info.file, info.dataset}, kRowByRow);
  RowMatrix values(static_cast<Index>(records.size()), info.features);
  Faults too_large;
  for (std::size_t begin = 0; begin < records.size();) {
    std::size_t end = begin + 1;  // neighbours are read together
    while (end < records.size() && records[end] == records[end - 1] + 1) ++end;
    const auto row = static_cast<Index>(begin);
    dataset.read_exact(records[begin], static_cast<Index>(end - begin), values.row(row).data(), too_large);
    begin = end;
  }
  if (too_large.any()) {
    throw InputError(
        fmt::format("'{}' has integers beyond 2^53, which double precision cannot hold, in record {} "
                    "(numbered from 0); subtract an offset or store floating-point numbers",
                    info.name(), too_large.first().record));
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (values.row(static_cast<Index>(i)).allFinite()) continue;
    throw InputError(
        fmt::format("'{}' has NaN or infinite values in record {} (numbered from 0); remove such "
                    "records or fill in their values",
                    info.name(), records[i]));
  }
  return values;
}

}  // namespace jensen::io
