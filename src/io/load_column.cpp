#include <fmt/format.h>

#include <cmath>

#include "jensen/io/dataset.hpp"
#include "numeric_dataset.hpp"
#include "record_scan.hpp"

namespace jensen::io {

LoadedColumn load_column(const std::string& name, const std::string& data_file, const std::string& what,
                         const RecordLayout& layout, const Communicator& comm) {
  const DatasetName parsed = DatasetName::parse_in(name, data_file);
  comm.on_root([&] {
    const NumericDataset dataset(parsed);
    if (dataset.shape() != std::vector<Index>{layout.records}) {
      throw InputError(fmt::format("{} '{}' have shape {} (must be {}, one for each record)", what,
                                   dataset.name(), shape_text(dataset.shape()), layout.records));
    }
    dataset.require_written();
  });
  LoadedColumn column;
  column.values.resize(static_cast<std::size_t>(layout.own_records()));
  RecordScan scan(1);
  Faults too_large;
  comm.agree([&] {
    if (column.values.empty()) return;
    const NumericDataset dataset(parsed);
    const Index begin = layout.first_record(), end = begin + layout.own_records();
    for (Index first = begin; first < end;) {
      const Index last = dataset.piece_end(first, end);
      double* const values = column.values.data() + (first - begin);
      dataset.read_exact(first, last - first, values, too_large);
      scan.add(first, last - first, values, {});
      first = last;
    }
  });
  too_large.gather(comm);
  if (too_large.any()) {
    throw InputError(fmt::format(
        "{} '{}' are integers beyond 2^53, which double precision cannot hold, in {} (numbered from 0)", what,
        parsed.text(), too_large.records()));
  }
  scan.merge(comm);
  if (scan.not_finite().any()) {
    throw InputError(fmt::format("{} '{}' are NaN or infinite in {} (numbered from 0); remove these records",
                                 what, parsed.text(), scan.not_finite().records()));
  }
  column.fingerprint = scan.fingerprint();
  return column;
}

std::vector<double> load_positive(const std::string& name, const std::string& data_file, Index size,
                                  const char* of_what, const Communicator& comm) {
  std::vector<double> values(static_cast<std::size_t>(size));
  comm.on_root([&] {
    const NumericDataset dataset(DatasetName::parse_in(name, data_file));
    if (dataset.shape() != std::vector<Index>{size}) {
      throw InputError(fmt::format("'{}' has shape {} (must be {}, one number for each {})", dataset.name(),
                                   shape_text(dataset.shape()), size, of_what));
    }
    dataset.require_written();
    dataset.read(0, size, values.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] > 0 && std::isfinite(values[i])) continue;
      throw InputError(
          fmt::format("entry {} of '{}' is {} (must be positive and finite)", i, dataset.name(), values[i]));
    }
  });
  comm.broadcast(std::span(values));
  return values;
}

bool has_column(const std::string& name, const std::string& data_file, const Communicator& comm) {
  std::int64_t found = 0;
  if (comm.is_root()) {
    try {
      NumericDataset dataset(DatasetName::parse_in(name, data_file));
      found = 1;
    } catch (const InputError&) {
    }
  }
  return comm.max(found) == 1;
}

}  // namespace jensen::io
