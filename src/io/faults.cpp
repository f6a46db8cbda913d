#include "faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace jensen::io {
namespace {

constexpr std::size_t kRemembered = 10;

}  // namespace

void Faults::add(Fault fault) {
  if (fault.record == latest_) return;
  latest_ = fault.record;
  ++count_;
  if (first_.size() < kRemembered) first_.push_back(fault);
}

void Faults::gather(const Communicator& comm) {
  count_ = comm.sum(count_);
  if (count_ == 0) return;
  first_ = comm.all_gather(std::span<const Fault>(first_));
  std::sort(first_.begin(), first_.end(), [](const auto& a, const auto& b) { return a.record < b.record; });
  first_.resize(std::min(first_.size(), kRemembered));
}

std::string Faults::records() const {
  std::string list;
  for (const Fault& fault : first_) list += (list.empty() ? "" : ", ") + std::to_string(fault.record);
  if (count_ == 1) return "record " + list;
  const bool all = count_ == static_cast<Index>(first_.size());
  return fmt::format("{} records: {}{}", count_, list, all ? "" : ", ...");
}

std::string feature_label(const std::vector<std::string>& names, Index feature) {
  if (names.empty()) return fmt::format("feature {}", feature);
  return fmt::format("feature '{}'", names[static_cast<std::size_t>(feature)]);
}

}  // namespace jensen::io
