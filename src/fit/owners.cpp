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

bool owners_are_faster(Index parts, double part_seconds, int ranks) {
  if (ranks == 1) return false;
  const Index most = (parts + ranks - 1) / ranks;  // of one owner
  const double saved = static_cast<double>(parts - most) * part_seconds;
  // Two collectives more than one, each a few messages deep in the number of ranks.
  constexpr double kSecondsPerLevel = 10e-6;
  return saved > kSecondsPerLevel * std::ceil(std::log2(ranks));
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

void Owners::merge_sums(const ExactSum& own_sums, std::size_t head, std::span<double> sums) const {
  const std::size_t size = own_sums.size() - head, each = size / static_cast<std::size_t>(parts_);
  if (each * static_cast<std::size_t>(parts_) != size) {
    throw std::logic_error("the statistics of a partitioned model are not a head and parts of one length");
  }
  std::vector<std::size_t> begins;
  for (int rank = 0; rank <= comm_.size(); ++rank) {
    begins.push_back(each * static_cast<std::size_t>(first_part_of(rank)));
  }
  std::vector<ExactSum::Element> travelling(size);
  own_sums.store(head, travelling);
  comm_.merge_slices(travelling, begins);
  const std::size_t first = begins[static_cast<std::size_t>(comm_.rank())],
                    last = begins[static_cast<std::size_t>(comm_.rank()) + 1];
  ExactSum merged(last - first);
  merged.load(std::span(travelling).subspan(first, last - first));
  merged.round_into(sums.subspan(head + first, last - first));
}

bool Owners::exchange(const Describe& describe, const Failures& failures) const {
  constexpr double fine = 0, prepare_failed = 1, update_failed = 2;
  const std::size_t part_size = size_of_part(describe);
  // Each rank's slice: how its parts ended, then what came of each.
  std::vector<std::size_t> begins;
  for (int rank = 0; rank <= comm_.size(); ++rank) {
    begins.push_back(part_size * static_cast<std::size_t>(first_part_of(rank)) +
                     static_cast<std::size_t>(rank));
  }
  std::vector<double> travelling(begins.back());
  const auto place_of = [&](int rank, Index part) {
    const auto position = static_cast<std::size_t>(part - first_part_of(rank));
    return std::span(travelling)
        .subspan(begins[static_cast<std::size_t>(rank)] + 1 + position * part_size, part_size);
  };
  travelling[begins[static_cast<std::size_t>(comm_.rank())]] = failures.update    ? update_failed
                                                               : failures.prepare ? prepare_failed
                                                                                  : fine;
  for (Index k = first_part(); k < last_part(); ++k) {
    PartArchive out(PartArchive::Way::out, place_of(comm_.rank(), k));
    describe(k, out);
  }
  comm_.gather_slices(travelling, begins);
  double worst = fine;
  for (int rank = 0; rank < comm_.size(); ++rank) {
    worst = std::max(worst, travelling[begins[static_cast<std::size_t>(rank)]]);
    if (rank == comm_.rank()) continue;
    for (Index k = first_part_of(rank); k < first_part_of(rank + 1); ++k) {
      PartArchive in(PartArchive::Way::in, place_of(rank, k));
      describe(k, in);
    }
  }
  if (worst == update_failed) rethrow_on_all_ranks(comm_, failures.update);
  return worst != fine;
}

}  // namespace jensen
