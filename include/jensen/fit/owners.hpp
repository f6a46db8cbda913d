#pragma once

#include <exception>
#include <functional>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/exact_sum.hpp"
#include "jensen/fit/part_archive.hpp"

namespace jensen {

/// Who takes the global step of a model in parts: where the bits come from is not what they are.
enum class GlobalStepBy { whoever_is_faster, every_rank, owners };

/// Whether owners are faster, for parts that take about this long each.
bool owners_are_faster(Index parts, double part_seconds, int ranks);

/// Runs `work`; where it throws an Error, keeps the first one in `first` and returns false.
bool keep_first_error(std::exception_ptr& first, const std::function<void()>& work);

/// Which rank owns which parts, and what ranks tell each other of them: the sums of each part are merged on
/// its owner alone, and what came of the part is copied to every rank. Half of the bytes of one reduction
/// over all ranks go the first way, and fewer the second.
class Owners {
 public:
  Owners(Index parts, const Communicator& comm) : comm_(comm), parts_(parts) {}

  Index first_part() const { return first_part_of(comm_.rank()); }
  Index last_part() const { return first_part_of(comm_.rank() + 1); }  // and beyond: the next rank's

  /// Merges the entries of `own_sums` from `head` on, which are those of the parts, and leaves the rounded
  /// totals of this rank's parts in `sums`, entry for entry.
  void merge_sums(const ExactSum& own_sums, std::size_t head, std::span<double> sums) const;

  /// The first errors that this rank met in its parts.
  struct Failures {
    std::exception_ptr update = {}, prepare = {};
  };

  using Describe = std::function<void(Index part, PartArchive& archive)>;

  /// Copies what came of each part from its owner to every rank. Throws what an update threw, on every rank;
  /// returns whether a preparation failed anywhere.
  bool exchange(const Describe& describe, const Failures& failures) const;

 private:
  Index first_part_of(int rank) const { return parts_ * rank / comm_.size(); }

  Communicator comm_;
  Index parts_;
};

}  // namespace jensen
