#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "jensen/io/dataset.hpp"
#include "numeric_dataset.hpp"

namespace jensen::io {
namespace {

DatasetName named_dataset(const std::string& name) {
  const DatasetName parsed = DatasetName::parse(name);
  if (parsed.path.empty()) {
    throw InputError(fmt::format("'{0}' names no data set; name it as {0}:/dataset", name));
  }
  return parsed;
}

void require_rows(const NumericDataset& dataset, std::size_t rank, Index records, const char* form) {
  const auto& shape = dataset.shape();
  if (shape.size() != rank || shape[0] != records || shape.back() == 0) {
    throw InputError(fmt::format("'{}' has shape {} (must be {} for {} records)", dataset.name(),
                                 shape_text(shape), form, records));
  }
  dataset.require_written();
}

template <class Read>
void read_own(const NumericDataset& dataset, const RecordLayout& layout, Read read) {
  const Index begin = layout.first_record(), end = begin + layout.own_records();
  for (Index first = begin; first < end;) {
    const Index last = dataset.piece_end(first, end);
    read(first, last - first, first - begin);
    first = last;
  }
}

}  // namespace

std::vector<std::int64_t> load_labels(const std::string& name, const RecordLayout& layout,
                                      const Communicator& comm) {
  const DatasetName parsed = named_dataset(name);
  comm.on_root([&] {
    const NumericDataset dataset(parsed);
    if (!dataset.integer()) {
      throw InputError(fmt::format("labels '{}' are floating-point numbers (must be integers)", name));
    }
    require_rows(dataset, 1, layout.records, "one integer a record");
  });
  std::vector<std::int64_t> labels(static_cast<std::size_t>(layout.own_records()));
  Faults too_large;
  comm.agree([&] {
    if (labels.empty()) return;
    const NumericDataset dataset(parsed);
    read_own(dataset, layout, [&](Index first, Index rows, Index own) {
      dataset.read(first, rows, labels.data() + own);
      if (dataset.kind() != NumberKind::unsigned64) return;
      for (Index row = 0; row < rows; ++row) {  // HDF5 reads larger ones as the largest of 64 bits
        const bool largest = labels[static_cast<std::size_t>(own + row)] == std::numeric_limits<Index>::max();
        if (largest) too_large.add({first + row, 0});
      }
    });
  });
  too_large.gather(comm);
  if (too_large.any()) {
    throw InputError(
        fmt::format("labels '{}' are 2^63 - 1 or more in {} (numbered from 0); use smaller numbers", name,
                    too_large.records()));
  }
  return labels;
}

RowMatrix load_responsibilities(const std::string& name, const RecordLayout& layout,
                                const Communicator& comm) {
  const DatasetName parsed = named_dataset(name);
  Index components = 0;
  comm.on_root([&] {
    const NumericDataset dataset(parsed);
    require_rows(dataset, 2, layout.records, "records x components");
    components = dataset.shape()[1];
  });
  comm.broadcast(std::span(&components, 1));
  RowMatrix responsibilities(layout.own_records(), components);
  Faults refused;
  comm.agree([&] {
    if (responsibilities.rows() == 0) return;
    const NumericDataset dataset(parsed);
    read_own(dataset, layout, [&](Index first, Index rows, Index own) {
      dataset.read(first, rows, responsibilities.row(own).data());
      for (Index row = 0; row < rows; ++row) {
        const auto values = responsibilities.row(own + row);
        const bool good = (values.array() >= 0).all() && std::abs(values.sum() - 1) <= 1e-6;
        if (!good) refused.add({first + row, 0});
      }
    });
  });
  refused.gather(comm);
  if (refused.any()) {
    throw InputError(
        fmt::format("responsibilities '{}' are negative, not finite or do not add up to 1 within 1e-6 in {} "
                    "(numbered from "
                    "0)",
                    name, refused.records()));
  }
  return responsibilities;
}

}  // namespace jensen::io
