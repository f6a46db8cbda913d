#pragma once

#include <exception>
#include <functional>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/exact_sum.hpp"
#include "jensen/core/profile.hpp"
#include "jensen/fit/progress.hpp"
#include "jensen/fit/statistics.hpp"

namespace jensen {

/// Merges the ranks' exact sums, the first `count` entries alone, and their votes in one collective.
/// Afterwards these entries of `total` hold the sums over all ranks.
Votes reduce(const Communicator& comm, ExactSum& total, std::size_t count, const Votes& mine);

/// Throws, on every rank, what the lowest rank brings that brings anything. Collective.
void rethrow_on_all_ranks(const Communicator& comm, const std::exception_ptr& mine);

/// Whether this rank should break off its pass; asked between blocks.
using Interrupt = std::function<bool()>;

/// How the sums of a pass's blocks enter an exact sum: all of them. Sums of which a block touches few may
/// bring their own way, a `BlockAdder`, whose results must be the same bits for every order and grouping of
/// blocks too.
template <class Sums>
struct BlockAdder {
  explicit BlockAdder(const Sums&) {}
  void add(const Sums& block, ExactSum& total) { total.add(block.flat()); }
  /// After the last block.
  void finish(ExactSum&) {}
};
template <class Sums>
requires requires {
  typename Sums::BlockAdder;
}
struct BlockAdder<Sums> : Sums::BlockAdder {
  using Sums::BlockAdder::BlockAdder;
};

/// The pass below with exact sums that stay: merges and rounds the first `count` entries alone, and leaves
/// the others in `total`, which must come clear, as this rank's own.
template <class Shard, class Sums, class Visit>
Votes accumulate(const Shard& shard, const Communicator& comm, ExactSum& total, std::size_t count, Sums& sums,
                 Visit visit, const std::function<Votes()>& wishes, const Interrupt& interrupted) {
  typename Shard::Buffer buffer;
  std::exception_ptr failure;
  bool incomplete = false;
  TimedPhase timed(Phase::other);
  try {
    BlockAdder<Sums> adder(sums);
    Pulse::blocks.store(shard.block_count(), std::memory_order_relaxed);
    for (Index i = 0; i < shard.block_count(); ++i) {
      Pulse::block.store(i, std::memory_order_relaxed);
      if (interrupted && interrupted()) {
        incomplete = true;
        break;
      }
      timed.next(Phase::sums);
      sums.clear();
      timed.next(Phase::block);
      const typename Shard::Block block = shard.block(i, buffer);
      timed.next(Phase::local_step);
      visit(block, i, sums);
      timed.next(Phase::sums);
      adder.add(sums, total);
    }
    adder.finish(total);
  } catch (const Error&) {
    failure = std::current_exception();
  }
  Votes mine = wishes ? wishes() : Votes{};
  mine.incomplete = incomplete ? 1 : 0;
  mine.local_error = failure ? 1 : 0;
  timed.next(Phase::reduction);
  const Votes votes = reduce(comm, total, count, mine);
  if (votes.local_error > 0) rethrow_on_all_ranks(comm, failure);
  timed.next(Phase::sums);
  total.round_into(0, sums.flat().first(count));
  return votes;
}

/// THE pass: every sum over records in jensen is made here.
///
/// Calls `visit(block, i, sums)` for each own block i with cleared sums, adds the block's sums exactly,
/// merges all ranks in the one collective that also carries the votes, and leaves the rounded totals in
/// `sums`: the same bits on every rank and for every number of ranks. `wishes` gives this rank's votes; it is
/// asked when its blocks are done. An Error thrown by `visit` anywhere is thrown on every rank. If a rank was
/// interrupted, the returned votes say so and `sums` mean nothing.
template <class Shard, class Sums, class Visit>
Votes accumulate(const Shard& shard, const Communicator& comm, Sums& sums, Visit visit,
                 const std::function<Votes()>& wishes = {}, const Interrupt& interrupted = {}) {
  ExactSum total(sums.flat().size());
  return accumulate(shard, comm, total, total.size(), sums, visit, wishes, interrupted);
}

}  // namespace jensen
