#pragma once

#include <concepts>

#include "jensen/fit/archive.hpp"
#include "jensen/fit/part_archive.hpp"
#include "jensen/fit/progress.hpp"
#include "jensen/fit/statistics.hpp"

namespace jensen {

/// A latent-variable model: replicated parameters and what one iteration does with them.
///
/// A model is a serial object: no MPI, no files. Every rank holds the same bits, because every rank applies
/// the same global step to the same reduced sums.
template <class M>
concept Model = requires(M model, const M current, const typename M::Block& block, typename M::Cache& cache,
                         typename M::Sums& sums, const typename M::Sums& total, Index t, Archive& archive) {
  requires std::derived_from<typename M::Sums, Statistics>;
  requires std::default_initializable<typename M::Cache>;
  { current.make_sums() } -> std::same_as<typename M::Sums>;
  /// Rebuilds all that derives from the described state: factors, drifts, the draws of iteration t.
  { model.prepare(t) } -> std::same_as<void>;
  /// E-step: adds the block's sums to `sums`. Never communicates. `cache` belongs to this block from pass to
  /// pass and is never saved: an empty one must give the same bits.
  { current.local_step(block, cache, sums) } -> std::same_as<void>;
  /// To be maximised, at the current parameters.
  { current.objective(total) } -> std::same_as<double>;
  /// Does theory promise ascent on full passes?
  { current.monotone() } -> std::same_as<bool>;
  /// M-step or gradient step; says how far the parameters moved and what had to be repaired.
  { model.global_step(total, t) } -> std::same_as<Change>;
  /// Lists every persistent array once, for saving and loading.
  { model.describe(archive) } -> std::same_as<void>;
  { current.units() } -> std::same_as<ObjectiveUnits>;
};

/// A model whose global step falls into parts (components) that do not need each other, so that each rank may
/// take it for parts of its own and tell the others what came of it.
///
/// Its statistics are the head, which alone `objective` looks at, and then the sums of its parts, equally
/// long and one after another. Together
///
///     update_part(total, k) for each part, join_parts(t)      are `global_step(total, t)`, and
///     prepare_part(k)       for each part, prepare_joined()   are `prepare(t + 1)`,
///
/// where on another rank `describe_part` stands for what the functions of a part did.
template <class M>
concept PartitionedModel = Model<M> && requires(M model, const M current, const typename M::Sums& total,
                                                Index k, Index t, PartArchive& archive) {
  /// Their number; 0 where these settings give the model none.
  { current.parts() } -> std::same_as<Index>;
  /// About how long `update_part` and `prepare_part` take, seconds: decides who calls them, and no bit.
  { current.part_seconds() } -> std::same_as<double>;
  /// Changes what belongs to part k alone, from the sums of part k alone.
  { model.update_part(total, k) } -> std::same_as<void>;
  { model.prepare_part(k) } -> std::same_as<void>;
  /// Lists what the two leave behind, of the same length for each part.
  { model.describe_part(k, archive) } -> std::same_as<void>;
  { model.join_parts(t) } -> std::same_as<Change>;
  { model.prepare_joined() } -> std::same_as<void>;
};

template <class S, class Block>
concept ShardOf = std::same_as<typename S::Block, Block> &&
    requires(const S shard, Index i, typename S::Buffer& buffer) {
  { shard.block_count() } -> std::same_as<Index>;
  { shard.block(i, buffer) } -> std::same_as<Block>;
};

/// Writes name and parameters, in the data's units, of a model that says how: `model.save(transform,
/// document)`, or `model.save(document)` where its data are never transformed.
template <class M, class Shard>
void save_parameters(const M& model, const Shard& shard, Document& document) {
  if constexpr (requires { model.save(shard.transform(), document); })
    model.save(shard.transform(), document);
  else if constexpr (requires { model.save(document); })
    model.save(document);
}

/// The shard's blocks as the model reads them: records as stored, for a model that says so by
/// `kReadsStoredRecords`, or prepared.
template <class M, class Shard>
decltype(auto) blocks_for(const Shard& shard) {
  if constexpr (requires {
                  requires M::kReadsStoredRecords;
                  shard.stored();
                }) {
    return shard.stored();
  } else {
    return (shard);
  }
}

/// Whether a finished fit is degenerate and must rank behind all others; false where the model cannot tell.
template <class M>
bool is_singular(const M& model) {
  if constexpr (requires { model.singular(); }) {
    return model.singular();
  } else {
    return false;
  }
}

}  // namespace jensen
