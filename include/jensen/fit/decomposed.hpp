#pragma once

#include <algorithm>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "jensen/fit/accumulate.hpp"
#include "jensen/fit/decomposition.hpp"
#include "jensen/fit/model.hpp"

namespace jensen {

/// A model whose E-step can be taken apart.
template <class M>
concept JointModel = Model<M> && requires(const M model, const typename M::Block& block, Index row) {
  /// B x K: log p(x_n, z_n = k) at the prepared parameters.
  { model.log_joint(block) } -> std::same_as<Matrix>;
  { block.weight(row) } -> std::convertible_to<double>;
};

template <class M, class Transform>
concept SavesParameters = requires(const M model, const Transform& transform, Document& document) {
  model.save(transform, document);
};

/// The q of a model's E-step: its posterior, but for a model that says otherwise by `kPointMass`.
template <class M>
constexpr Variational variational_of() {
  if constexpr (requires { requires M::kPointMass; }) {
    return Variational::point_mass;
  } else {
    return Variational::posterior;
  }
}

/// Hands on what a model lists under names that begin with a prefix.
class PrefixedArchive final : public Archive {
 public:
  PrefixedArchive(Archive& archive, std::string prefix) : archive_(archive), prefix_(std::move(prefix)) {}

 private:
  template <class T>
  void hand_on(std::string_view name, std::span<T> values) {
    std::vector<T> copy(values.begin(), values.end());
    archive_(prefix_ + std::string(name), copy);
    std::copy(copy.begin(), copy.end(), values.begin());
  }
  void numbers(std::string_view name, std::span<double> values) override { hand_on(name, values); }
  void integers(std::string_view name, std::span<Index> values) override { hand_on(name, values); }

  Archive& archive_;
  std::string prefix_;
};

/// A model that EM fits, and with it the decomposition log p = ELBO + KL of every E-step and M-step.
///
/// It holds the parameters before the last M-step beside the current ones, and its local step evaluates the
/// log joint densities of a block under both. What it fits is bit for bit what M alone comes to.
template <JointModel M>
class Decomposed {
 public:
  using Block = typename M::Block;
  using Cache = typename M::Cache;
  static constexpr bool kReadsStoredRecords = requires { requires M::kReadsStoredRecords; };
  static constexpr Variational kVariational = variational_of<M>();

  /// The sums of M, and those of the steps.
  class Sums : public Statistics {
   public:
    explicit Sums(typename M::Sums of_model)
        : Statistics(static_cast<Index>(of_model.body().size() + kSteps)), of_model_(std::move(of_model)) {}

    typename M::Sums of_model() const {
      typename M::Sums sums = of_model_;
      std::copy_n(flat().begin(), sums.flat().size(), sums.flat().begin());
      return sums;
    }
    EmSteps steps() const {
      EmStepNumbers values;
      std::copy_n(body().end() - kSteps, kSteps, values.begin());
      return std::bit_cast<EmSteps>(values);
    }

   private:
    friend class Decomposed;
    static constexpr std::ptrdiff_t kSteps = std::tuple_size_v<EmStepNumbers>;

    void set(const EmSteps& steps) {
      std::copy(of_model_.flat().begin(), of_model_.flat().end(), flat().begin());
      const auto values = std::bit_cast<EmStepNumbers>(steps);
      std::copy(values.begin(), values.end(), body().end() - kSteps);
    }

    typename M::Sums of_model_;
  };

  explicit Decomposed(M model) : model_(std::move(model)), before_(model_) {}

  M& model() { return model_; }
  const M& model() const { return model_; }

  Sums make_sums() const { return Sums(model_.make_sums()); }

  void prepare(Index t) {
    has_before_ = t > 0;
    model_.prepare(t);
    if (has_before_) before_.prepare(t - 1);
  }

  void local_step(const Block& block, Cache& cache, Sums& sums) const {
    sums.of_model_.clear();
    model_.local_step(block, cache, sums.of_model_);
    std::vector<double> weights;
    for (Index n = 0; n < block.rows(); ++n) weights.push_back(block.weight(n));
    sums.set(em_steps(weights, has_before_ ? before_.log_joint(block) : Matrix(), model_.log_joint(block),
                      kVariational));
  }

  double objective(const Sums& total) const { return model_.objective(total.of_model()); }
  bool monotone() const { return model_.monotone(); }

  Change global_step(const Sums& total, Index t) {
    before_ = model_;
    const Change change = model_.global_step(total.of_model(), t);
    trace_.add(steps_of(total), !change.repairs.empty() || change.provisional);
    return change;
  }

  void describe(Archive& archive) {
    model_.describe(archive);
    PrefixedArchive before(archive, "before_");
    before_.describe(before);
    trace_.describe(archive);
  }

  template <class Transform>
  requires SavesParameters<M, Transform>
  void save(const Transform& transform, Document& document) const { model_.save(transform, document); }
  ObjectiveUnits units() const { return model_.units(); }
  bool singular() const { return is_singular(model_); }

  /// Writes "/fit/decomposition" of a fit that has ended, prepared as it was evaluated last. Collective: the
  /// last E-step takes a pass.
  template <class Shard>
  void record_decomposition(const Shard& shard, const Communicator& comm, Document& document) const {
    Sums sums = make_sums();
    accumulate(blocks_for<Decomposed>(shard), comm, sums, [&](const Block& block, Index, Sums& block_sums) {
      Cache cache;
      local_step(block, cache, block_sums);
    });
    trace_.record(steps_of(sums), kVariational, units(), sums.weight(), document);
  }

 private:
  /// Where the objective is log p itself, its magnitude knows more of rounding.
  static EmSteps steps_of(const Sums& total) {
    EmSteps steps = total.steps();
    if (kVariational == Variational::posterior)
      steps.magnitude = std::max(steps.magnitude, total.magnitude());
    return steps;
  }

  M model_;
  M before_;  // as the last global step found it
  bool has_before_ = false;
  EmStepTrace trace_;
};

/// What the command line needs of a method whose every step is to be decomposed.
template <class Base>
struct DecomposedMethod : Base {
  using Model = Decomposed<typename Base::Model>;

  template <class Options, class Summary, class Transform>
  static Model make(const Options& options, Index components, const Summary& summary,
                    const Transform& transform, std::uint64_t seed) {
    return Model(Base::make(options, components, summary, transform, seed));
  }
  template <class Options, class Shard>
  static void evaluate(const Model& model, const Options& options, const Shard& shard,
                       const Communicator& comm, Document& document) {
    Base::evaluate(model.model(), options, shard, comm, document);
    model.record_decomposition(shard, comm, document);
  }
};

}  // namespace jensen
