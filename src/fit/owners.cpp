#include "jensen/fit/owners.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "jensen/core/error.hpp"
#include "jensen/fit/accumulate.hpp"

namespace jensen {
namespace {

std::size_t size_of_part(const Owners::Describe& describe) {
  PartArchive counting(PartArchive::Way::count, {});
  describe(0, counting);
  return counting.size();
}

}  // namespace

bool owners_are_faster(Index parts, double part_seconds, std::size_t part_sums, int ranks) {
  // Measured, and simulated for 64 to 4096 ranks (scripts/simulate), with a factor of two for slower
  // networks.
  constexpr double kSecondsPerSum = 15e-9;         // to round it
  constexpr double kSecondsPerLevel = 5e-6;        // what more messages take, for each doubling of the ranks
  const Index most = (parts + ranks - 1) / ranks;  // of one owner
  const double saved =
      static_cast<double>(parts - most) * (part_seconds + kSecondsPerSum * static_cast<double>(part_sums));
  return saved > kSecondsPerLevel * std::log2(ranks);
}

bool keep_first_error(std::exception_ptr& first, const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const Error&) {
    if (!first) first = std::current_exception();
    return false;
  }
}

/// Where slices begin that hold `extra` numbers and then `part_size` for each part.
std::vector<std::size_t> Owners::begins(std::size_t part_size, std::size_t extra) const {
  std::vector<std::size_t> begins;
  for (int slice = 0; slice <= comm_.size(); ++slice) {
    begins.push_back(part_size * static_cast<std::size_t>(first_part_of(slice)) +
                     extra * static_cast<std::size_t>(slice));
  }
  return begins;
}

void Owners::merge_sums(const ExactSum& own_sums, std::size_t head, std::span<double> sums) const {
  const std::size_t size = own_sums.size() - head, each = size / static_cast<std::size_t>(parts_);
  if (each * static_cast<std::size_t>(parts_) != size) {
    throw std::logic_error("the statistics of a model in parts are not a head and parts of one length");
  }
  std::vector<ExactSum::Element> travelling(size);
  own_sums.store(head, travelling);
  comm_.merge_slices(travelling, begins(each, 0));
  const std::size_t first = each * static_cast<std::size_t>(first_part()),
                    count = each * static_cast<std::size_t>(last_part()) - first;
  ExactSum merged(count);
  merged.load(std::span(travelling).subspan(first, count));
  merged.round_into(sums.subspan(head + first, count));
}

std::function<void()> Owners::exchange(const Describe& describe, const Failures& failures) const {
  constexpr double kFine = 0, kUnprepared = 1, kNotUpdated = 2;
  const std::size_t part_size = size_of_part(describe);
  const std::vector<std::size_t> where = begins(part_size, 1);  // how the parts of a slice ended comes first
  std::vector<double> travelling(where.back());
  const auto status_of = [&](int slice) -> double& {
    return travelling[where[static_cast<std::size_t>(slice)]];
  };
  const auto copy = [&](PartArchive::Way way, int slice) {
    std::size_t begin = where[static_cast<std::size_t>(slice)] + 1;
    for (Index k = first_part_of(slice); k < first_part_of(slice + 1); ++k, begin += part_size) {
      PartArchive archive(way, std::span(travelling).subspan(begin, part_size));
      describe(k, archive);
    }
  };
  status_of(comm_.slice()) = failures.update ? kNotUpdated : failures.prepare ? kUnprepared : kFine;
  copy(PartArchive::Way::out, comm_.slice());
  comm_.gather_slices(travelling, where);
  int not_updated = -1, unprepared = -1;  // the lowest slices
  for (int slice = comm_.size() - 1; slice >= 0; --slice) {
    if (status_of(slice) == kNotUpdated) not_updated = slice;
    if (status_of(slice) == kUnprepared) unprepared = slice;
    if (slice != comm_.slice()) copy(PartArchive::Way::in, slice);
  }
  if (not_updated >= 0) {
    rethrow_on_all_ranks(comm_, comm_.slice() == not_updated ? failures.update : nullptr);
  }
  if (unprepared < 0) return {};
  return [comm = comm_, mine = comm_.slice() == unprepared ? failures.prepare : nullptr] {
    rethrow_on_all_ranks(comm, mine);
  };
}

}  // namespace jensen
