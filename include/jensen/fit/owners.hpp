#pragma once

#include <exception>
#include <functional>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/exact_sum.hpp"
#include "jensen/fit/part_archive.hpp"

namespace jensen {

/// Who takes the global step of a model in parts. The bits are the same.
enum class GlobalStepBy { whoever_is_faster, every_rank, owners };

/// Whether owners are faster, for parts that take about so long each and have so many sums.
bool owners_are_faster(Index parts, double part_seconds, std::size_t part_sums, int ranks);

/// Runs `work`; where it throws an Error, keeps the first one in `first` and returns false.
bool keep_first_error(std::exception_ptr& first, const std::function<void()>& work);

/// Which rank owns which parts, and what ranks tell each other of them: the sums of each part are merged on
/// its owner alone, and what came of the part is copied to every rank. The two together are about as many
/// bytes as one reduction over all ranks.
class Owners {
 public:
  Owners(Index parts, const Communicator& comm) : comm_(comm), parts_(parts) {}

  /// This rank's parts: from the first up to, but without, the last.
  Index first_part() const { return first_part_of(comm_.slice()); }
  Index last_part() const { return first_part_of(comm_.slice() + 1); }

  /// Merges the entries of `own_sums` from `head` on, which are those of the parts, and leaves the rounded
  /// totals of this rank's parts in `sums`, entry for entry.
  void merge_sums(const ExactSum& own_sums, std::size_t head, std::span<double> sums) const;

  /// The first errors that this rank met in its parts.
  struct Failures {
    std::exception_ptr update = {}, prepare = {};
  };

  using Describe = std::function<void(Index part, PartArchive& archive)>;

  /// Copies what came of each part from its owner to every rank. If an update failed anywhere, throws that of
  /// the lowest such part on every rank. Returns what throws, likewise, the error of the lowest part whose
  /// preparation failed; empty if none did.
  std::function<void()> exchange(const Describe& describe, const Failures& failures) const;

 private:
  Index first_part_of(int slice) const { return parts_ * slice / comm_.size(); }
  std::vector<std::size_t> begins(std::size_t part_size, std::size_t extra) const;

  Communicator comm_;
  Index parts_;
};

}  // namespace jensen
