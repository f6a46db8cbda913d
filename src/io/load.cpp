#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jensen/core/stopwatch.hpp"
#include "jensen/io/dataset.hpp"
#include "numeric_dataset.hpp"
#include "read_counters.hpp"
#include "record_scan.hpp"

namespace jensen::io {
namespace {

void require_exact(Faults& too_large, const std::string& name, const Communicator& comm) {
  too_large.gather(comm);
  if (!too_large.any()) return;
  throw InputError(fmt::format(
      "'{}' has integers beyond 2^53, which double precision cannot hold, in {} (numbered from 0); subtract "
      "an offset or store floating-point numbers",
      name, too_large.records()));
}

void require_weights_header(const NumericDataset& weights, Index records) {
  if (weights.shape() != std::vector<Index>{records}) {
    throw InputError(fmt::format("weights '{}' have shape {} (must be {}, one for each record)",
                                 weights.name(), shape_text(weights.shape()), records));
  }
  weights.require_written();
}

/// The own weights, or none where the data are not weighted.
std::vector<double> load_weights(const DatasetInfo& info, const ReadOptions& options,
                                 const Partition& partition, const Communicator& comm) {
  if (options.weights.empty()) return {};
  const DatasetName name = DatasetName::parse_in(options.weights, info.file);
  comm.on_root([&] { require_weights_header(NumericDataset(name), info.records); });

  std::vector<double> weights(static_cast<std::size_t>(partition.own_records()));
  Faults too_large, refused;
  Index positive = 0;
  comm.agree([&] {
    if (weights.empty()) return;
    const NumericDataset dataset(name, options.piece_bytes);
    const Index begin = partition.first_record(), end = begin + partition.own_records();
    for (Index first = begin; first < end;) {
      const Index last = dataset.piece_end(first, end);
      dataset.read_exact(first, last - first, weights.data() + (first - begin), too_large);
      first = last;
    }
    for (Index own = 0; own < partition.own_records(); ++own) {
      const double weight = weights[static_cast<std::size_t>(own)];
      if (!(weight >= 0) || std::isinf(weight)) refused.add({begin + own, 0});
      if (weight > 0) ++positive;
    }
  });
  require_exact(too_large, name.text(), comm);
  refused.gather(comm);
  if (refused.any()) {
    throw InputError(fmt::format(
        "weights '{}' are negative, NaN or infinite in {} (numbered from 0); a weight counts how often a "
        "record occurs and must be finite and at least 0",
        name.text(), refused.records()));
  }
  if (comm.sum(positive) == 0) {
    throw InputError(fmt::format("weights '{}' are all 0 (at least one must be positive)", name.text()));
  }
  return weights;
}

/// Reads the own rows piece by piece into shard and scan.
template <class T>
void read_own_rows(const NumericDataset& dataset, std::span<const double> weights, DenseShard& shard,
                   RecordScan& scan, Faults& too_large) {
  const Partition& partition = shard.partition();
  const Index begin = partition.first_record(), end = begin + partition.own_records();
  std::vector<T> values;
  values.reserve(static_cast<std::size_t>(std::min(dataset.most_rows_in_a_piece(), end - begin) *
                                          shard.features()));  // the first piece may be a short one
  for (Index first = begin; first < end;) {
    const Index last = dataset.piece_end(first, end), rows = last - first;
    values.resize(static_cast<std::size_t>(rows * shard.features()));
    if constexpr (std::is_same_v<T, float>) {
      dataset.read(first, rows, values.data());
    } else {
      dataset.read_exact(first, rows, values.data(), too_large);
    }
    const auto own = static_cast<std::size_t>(first - begin);
    scan.add(first, rows, values.data(),
             weights.empty() ? weights : weights.subspan(own, static_cast<std::size_t>(rows)));
    shard.fill(first - begin, rows, values.data());
    read_counters().records += rows;
    first = last;
  }
}

}  // namespace

LoadedData load(const DatasetInfo& info, const ReadOptions& options, const Communicator& comm) {
  const Stopwatch watch;
  const Partition partition{.records = info.records,
                            .block_rows = chosen_block_rows(options.block_rows, info.records),
                            .rank = comm.rank(),
                            .size = comm.size()};
  const std::vector<double> weights = load_weights(info, options, partition, comm);
  LoadedData data{.shard = DenseShard(partition, info.features, info.storage, !options.weights.empty(),
                                      {info.name(), info.feature_names})};
  if (!weights.empty()) data.shard.fill_weights(0, weights);

  RecordScan scan(info.features);
  Faults too_large;
  comm.agree([&] {
    if (partition.own_records() == 0) return;
    const NumericDataset dataset({info.file, info.dataset}, options.piece_bytes);
    const bool floats = info.storage == DenseShard::Storage::float32;
    if (dataset.shape() != std::vector<Index>{info.records, info.features} ||
        dataset.fits_float() != floats) {
      throw InputError(
          fmt::format("'{}' changed while jensen was reading it, or hosts see different files", info.name()));
    }
    if (floats) {
      read_own_rows<float>(dataset, weights, data.shard, scan, too_large);
    } else {
      read_own_rows<double>(dataset, weights, data.shard, scan, too_large);
    }
    require_unchanged(info.file, info.version, info.name());
  });
  require_exact(too_large, info.name(), comm);
  scan.merge(comm);
  if (const Faults& faults = scan.not_finite(); faults.any()) {
    throw InputError(fmt::format(
        "'{}' has NaN or infinite values in {} (numbered from 0), the first of them in {}; remove these "
        "records or fill in their values",
        info.name(), faults.records(), feature_label(info.feature_names, faults.first().feature)));
  }
  data.minimum = scan.minimum();
  data.maximum = scan.maximum();
  data.fingerprint = scan.fingerprint();
  data.read_seconds = watch.seconds();
  read_counters().seconds += data.read_seconds;
  return data;
}

Document data_header(const LoadedData& data) {
  const DataInfo& info = data.shard.info();
  const Index features = data.shard.features();
  Document header;
  header.set_attribute("/data", "source", info.source);
  header.set_attribute("/data", "records", data.shard.global_records());
  header.set_attribute("/data", "features", features);
  header.set("/data/feature_names",
             NdArray{{features},
                     info.feature_names.empty() ? feature_names_of(header, features) : info.feature_names});
  std::vector<std::int64_t> fingerprint;
  for (const std::uint64_t lane : data.fingerprint) fingerprint.push_back(static_cast<std::int64_t>(lane));
  header.set("/fingerprint/data", NdArray{{2}, fingerprint});
  return header;
}

Index rows_read() {
  return read_counters().records;
}
double read_seconds() {
  return read_counters().seconds;
}

}  // namespace jensen::io
