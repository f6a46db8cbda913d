#pragma once

#include <optional>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/profile.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/fit/model.hpp"
#include "jensen/fit/owners.hpp"

namespace jensen {

/// The steps of an iteration over all ranks. The global step and the preparation that follows it are taken by
/// every rank alike, or, where a model falls into parts that are worth it, by the owners of its parts; the
/// bits are the same.
template <Model M>
class Steps {
 public:
  using Sums = typename M::Sums;

  Steps(M& model, const Communicator& comm, GlobalStepBy by)
      : model_(model), comm_(comm), sums_(model.make_sums()), own_sums_(sums_.flat().size()) {
    if constexpr (PartitionedModel<M>) {
      if (model.parts() > 0 && owners_take_it(by)) owners_.emplace(model.parts(), comm);
    }
  }

  /// Of the last pass, over all ranks: the head, and where every rank takes the global step all of them.
  const Sums& sums() const { return sums_; }

  void prepare(Index t) {
    const TimedPhase timed(Phase::global_step);
    if constexpr (PartitionedModel<M>) {
      if (parts_are_prepared_) return model_.prepare_joined();
    }
    model_.prepare(t);
  }

  /// The local step, `visit`, of every block; see `accumulate`.
  template <class Shard, class Visit>
  Votes pass(const Shard& shard, Visit visit, const std::function<Votes()>& wishes,
             const Interrupt& interrupted) {
    own_sums_.clear();
    const std::size_t merged = owners_ ? head_size() : own_sums_.size();
    return accumulate(shard, comm_, own_sums_, merged, sums_, visit, wishes, interrupted);
  }

  Change global_step(Index t) {
    const TimedPhase timed(Phase::global_step);
    if constexpr (PartitionedModel<M>) {
      if (owners_) return global_step_by_owners(t);
    }
    return model_.global_step(sums_, t);
  }

 private:
  bool owners_take_it(GlobalStepBy by) const {
    if (by != GlobalStepBy::whoever_is_faster) return by == GlobalStepBy::owners;
    const std::size_t part_sums = sums_.body().size() / static_cast<std::size_t>(model_.parts());
    return owners_are_faster(model_.parts(), model_.part_seconds(), part_sums, comm_.size());
  }

  std::size_t head_size() const { return sums_.flat().size() - sums_.body().size(); }

  Change global_step_by_owners(Index t) {
    {
      const TimedPhase timed(Phase::reduction);
      owners_->merge_sums(own_sums_, head_size(), sums_.flat());
    }
    Owners::Failures failures;
    for (Index k = owners_->first_part(); k < owners_->last_part(); ++k) {
      if (keep_first_error(failures.update, [&] { model_.update_part(sums_, k); }))
        keep_first_error(failures.prepare, [&] { model_.prepare_part(k); });
    }
    const auto throw_unprepared =
        owners_->exchange([&](Index k, PartArchive& archive) { model_.describe_part(k, archive); }, failures);
    const Change change = model_.join_parts(t);
    // What a repair replaces is prepared anew, and a part that could not be prepared may be among it.
    parts_are_prepared_ = change.repairs.empty();
    if (throw_unprepared && parts_are_prepared_) throw_unprepared();
    return change;
  }

  M& model_;
  Communicator comm_;
  Sums sums_;
  std::optional<Owners> owners_;  // none: every rank takes the global step
  ExactSum own_sums_;  // of this rank's blocks; kept, as new memory would cost more than a small pass
  bool parts_are_prepared_ = false;
};

}  // namespace jensen
