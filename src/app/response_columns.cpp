#include "response_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "jensen/core/error.hpp"

namespace jensen::app {

ResponseColumns::ResponseColumns(const io::DatasetInfo& info, const io::LoadedData& data)
    : data_(data),
      source_(info.name()),
      names_(info.feature_names.empty() ? feature_names_of(Document(), info.features) : info.feature_names),
      taken_(names_.size(), false) {}

bool ResponseColumns::takes_feature(const std::string& name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

std::vector<double> ResponseColumns::take_feature(const std::string& name) {
  const auto column = std::distance(names_.begin(), std::find(names_.begin(), names_.end(), name));
  if (taken_[static_cast<std::size_t>(column)]) {
    throw InputError(
        fmt::format("'{}' of '{}' cannot be both response and groups; name two columns", name, source_));
  }
  taken_[static_cast<std::size_t>(column)] = true;
  std::vector<double> values;
  const Index own = data_.shard.partition().own_records();
  values.reserve(static_cast<std::size_t>(own));
  for (Index n = 0; n < own; ++n) values.push_back(data_.shard.original_record(n)[column]);
  return values;
}

std::vector<std::string> ResponseColumns::names_left() const {
  std::vector<std::string> left;
  for (std::size_t j = 0; j < names_.size(); ++j) {
    if (!taken_[j]) left.push_back(names_[j]);
  }
  return left;
}

io::LoadedData ResponseColumns::without_taken() const {
  std::vector<Index> left;
  for (std::size_t j = 0; j < taken_.size(); ++j) {
    if (!taken_[j]) left.push_back(static_cast<Index>(j));
  }
  if (left.empty()) {
    throw InputError(
        fmt::format("'{}' has no features beside the response and groups (must have one)", source_));
  }
  io::LoadedData rest = data_;
  const auto features = static_cast<Index>(left.size());
  if (features == data_.shard.features()) return rest;
  rest.shard = DenseShard(data_.shard.partition(), features, DenseShard::Storage::float64,
                          data_.shard.weighted(), {data_.shard.info().source, names_left()});
  rest.minimum.resize(features);
  rest.maximum.resize(features);
  for (Index j = 0; j < features; ++j) {
    rest.minimum[j] = data_.minimum[left[static_cast<std::size_t>(j)]];
    rest.maximum[j] = data_.maximum[left[static_cast<std::size_t>(j)]];
  }
  RowVector record(features);
  for (Index n = 0; n < data_.shard.partition().own_records(); ++n) {
    const RowVector all = data_.shard.original_record(n);
    for (Index j = 0; j < features; ++j) record[j] = all[left[static_cast<std::size_t>(j)]];
    rest.shard.fill(n, 1, record.data());
    const double weight = data_.shard.own_weight(n);
    if (data_.shard.weighted()) rest.shard.fill_weights(n, {&weight, 1});
  }
  return rest;
}

namespace {

/// "0, 10, 20", or where they are many: "one of 60 from 0 to 590".
std::string listed(const std::vector<std::int64_t>& known) {
  constexpr std::size_t kMost = 12;
  if (known.size() <= kMost) return fmt::format("one of {}", fmt::join(known, ", "));
  return fmt::format("one of {} from {} to {}", known.size(), known.front(), known.back());
}

}  // namespace

std::vector<std::int64_t> number_distinct(std::vector<double>& labels, const DenseShard& records,
                                          const LabelSource& source, const Communicator& comm) {
  constexpr std::size_t kMost = 1'000'000;
  const auto& [what, name] = source;
  std::set<std::int64_t> mine;
  comm.agree([&] {
    for (std::size_t n = 0; n < labels.size(); ++n) {
      const double label = labels[n];
      if (records.own_weight(static_cast<Index>(n)) == 0) continue;
      if (label != std::floor(label) || std::abs(label) > 0x1p53) {
        throw InputError(fmt::format("{} '{}' hold {} (must be integers)", what, name, label));
      }
      mine.insert(static_cast<std::int64_t>(label));
      if (mine.size() > kMost) {
        throw InputError(
            fmt::format("{} '{}' have more than {} different values (must be labels)", what, name, kMost));
      }
    }
  });
  const std::vector<std::int64_t> list(mine.begin(), mine.end());
  const auto all = comm.all_gather(std::span<const std::int64_t>(list));
  const std::set<std::int64_t> sorted(all.begin(), all.end());
  const std::vector<std::int64_t> distinct(sorted.begin(), sorted.end());
  number_known(labels, distinct, records, source, comm);
  return distinct;
}

void number_known(std::vector<double>& labels, const std::vector<std::int64_t>& known,
                  const DenseShard& records, const LabelSource& source, const Communicator& comm) {
  comm.agree([&] {
    for (std::size_t n = 0; n < labels.size(); ++n) {
      const auto own = static_cast<Index>(n);
      const auto place =
          std::lower_bound(known.begin(), known.end(), labels[n],
                           [](std::int64_t a, double b) { return static_cast<double>(a) < b; });
      if (place == known.end() || static_cast<double>(*place) != labels[n]) {
        if (records.own_weight(own) == 0) {
          labels[n] = 0;
          continue;
        }
        throw InputError(fmt::format(
            "{} '{}' hold {} in record {} (numbered from 0), which the model was not fitted to (must be {}); "
            "leave such records out, or fit the model to them too",
            source.what, source.name, labels[n], records.partition().first_record() + own, listed(known)));
      }
      labels[n] = static_cast<double>(std::distance(known.begin(), place));
    }
  });
}

}  // namespace jensen::app
