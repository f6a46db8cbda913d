#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "jensen/core/random.hpp"
#include "jensen/data/response_block.hpp"
#include "jensen/fit/prediction.hpp"
#include "jensen/models/advi/autodiff.hpp"
#include "jensen/models/advi/constraint.hpp"

namespace jensen::advi {

/// Points in the space of parameters, or something for each number of each: a row per number, a column per
/// point. Rows start on a cache line and have whole vectors of 8; columns beyond the last point repeat a
/// point, so that their numbers are as good as others.
class Points {
 public:
  Points() = default;
  Points(Index size, Index count);

  Index size() const { return size_; }      // numbers of a point
  Index count() const { return count_; }    // points
  Index stride() const { return stride_; }  // columns, a multiple of 8
  double* row(Index i) { return values_.data() + i * stride_; }
  const double* row(Index i) const { return values_.data() + i * stride_; }
  double& operator()(Index i, Index s) { return row(i)[s]; }
  double operator()(Index i, Index s) const { return row(i)[s]; }

  void set_zero() { values_.assign(values_.size(), 0.0); }
  void set_point(Index s, std::span<const double> point);
  void get_point(Index s, std::span<double> point) const;
  /// Makes the columns beyond the last point repeat the first.
  void pad();

 private:
  Index size_ = 0, count_ = 0, stride_ = 0;
  AlignedVector<double> values_;
};

/// A model that ADVI fits: log p(theta) + sum_n log p(record n | theta), theta being blocks of parameters
/// under constraints. Serial; every rank holds the same one.
class Target {
 public:
  virtual ~Target() = default;

  virtual const std::vector<ParameterBlock>& parameters() const = 0;
  /// log p(theta), and its gradient with respect to theta added to `gradient`.
  virtual double log_prior(std::span<const double> theta, std::span<double> gradient) const = 0;
  /// For each point s: adds log p(block | theta_s), records weighted, to values(0, s), and, where `gradients`
  /// is given, its gradient with respect to theta_s to gradients(:, s). NaN and infinities are the caller's
  /// to judge.
  virtual void add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                                  Points* gradients) const = 0;
  /// log p(record n | theta_s) of each record, whatever its weight: a row of `values` per record, a column
  /// per point. NaN and infinities are the caller's to judge. Throws InputError where the target does not
  /// say, or a response of a record with weight is none that the target admits.
  virtual void record_log_likelihoods(const Points& theta, const ResponseBlock& block, Points& values) const;

  /// Where q is first centred, unconstrained; the middle of each constraint if not said otherwise.
  virtual Vector start() const;

  /// What is reported of theta, and by which names: its own numbers if not said otherwise.
  virtual std::vector<std::string> reported_names() const;
  virtual Vector reported(std::span<const double> theta) const;

  /// What a block's records are expected to be by these draws of the posterior: values B x columns, and,
  /// where the target has C classes, their probabilities as responsibilities, B x C, and the most probable as
  /// label. Throws InputError where the target does not say.
  virtual void predict(const Points& theta, const ResponseBlock& block, Prediction& prediction) const;
  /// Names of the columns: the mean of the expected response and its standard deviation, if not said
  /// otherwise.
  virtual std::vector<std::string> prediction_columns() const { return {"mean", "mean_sd"}; }
  /// C names, of classes of the response or components of the records; empty: there are none.
  virtual std::vector<std::string> class_names() const { return {}; }

  /// Draws a response of each record given each point: `responses`, B x S. That of record n (globally) at
  /// point s follows from Stream(seed, Purpose::sampling, n, first + s). Throws InputError where the target
  /// has no responses, NumericalError where their distribution is none.
  virtual void draw_responses(const Points& theta, const ResponseBlock& block, std::uint64_t seed,
                              Index first, Points& responses) const;
  /// Draws a record (D) given theta; returns the number of its component, or 0. Throws InputError where the
  /// target does not describe whole records.
  virtual Index draw_record(std::span<const double> theta, Stream& stream, std::span<double> record) const;

  /// Whether the target knows its expected information.
  virtual bool has_expected_information() const { return false; }
  /// Adds that of a block's records, P x P: sum_n w_n E[g g'], g being the gradient of log p(record n |
  /// theta) with respect to theta, and the expectation over responses that the model draws at theta.
  virtual void add_expected_information(std::span<const double> theta, const ResponseBlock& block,
                                        Eigen::Ref<Matrix> information) const;

  /// Numbers that the parameters have under their constraints.
  Index size() const;
};

/// The parameters of a target as its formulas see them: a Var for each block, in the blocks' order.
using Parameters = std::span<const Var>;

/// What a user writes to bring a model: its parameters, log prior and log-likelihood as formulas over columns
/// (autodiff.hpp), from which derivatives follow. The log-likelihood is per record, B numbers, or one number
/// where that goes for every record; weights are applied by jensen.
template <class T>
concept Formulas = requires(const T target, Parameters theta, const ResponseBlock& block) {
  { target.parameters() } -> std::convertible_to<std::vector<ParameterBlock>>;
  { target.log_prior(theta) } -> std::convertible_to<Var>;
  { target.log_likelihood(theta, block) } -> std::convertible_to<Var>;
};

namespace detail {

/// One Var for each block, of the point's numbers: inputs of the tape, or constants without one.
std::vector<Var> as_vars(const std::vector<ParameterBlock>& blocks, std::span<const double> point,
                         Tape* tape);
void add_derivatives(Tape& tape, std::span<const Var> inputs, std::span<double> gradient);
/// The weighted sum of a block's log-likelihoods, one per record or one for all.
Var total(const Var& log_likelihood, const ResponseBlock& block);

template <Formulas T>
class TargetOf final : public Target {
 public:
  explicit TargetOf(T formulas) : formulas_(std::move(formulas)), parameters_(formulas_.parameters()) {}

  const std::vector<ParameterBlock>& parameters() const override { return parameters_; }

  double log_prior(std::span<const double> theta, std::span<double> gradient) const override {
    return differentiate(theta, gradient, [&](Parameters vars) { return formulas_.log_prior(vars); });
  }

  void add_log_likelihood(const Points& theta, const ResponseBlock& block, Points& values,
                          Points* gradients) const override {
    const auto log_likelihood = [&](Parameters vars) {
      return total(formulas_.log_likelihood(vars, block), block);
    };
    std::vector<double> point(static_cast<std::size_t>(theta.size())), gradient(point.size());
    for (Index s = 0; s < theta.count(); ++s) {
      theta.get_point(s, point);
      if (gradients == nullptr) {
        values(0, s) += log_likelihood(as_vars(parameters_, point, nullptr)).value();
        continue;
      }
      std::fill(gradient.begin(), gradient.end(), 0.0);
      values(0, s) += differentiate(point, gradient, log_likelihood);
      for (Index i = 0; i < theta.size(); ++i) (*gradients)(i, s) += gradient[static_cast<std::size_t>(i)];
    }
  }

  void record_log_likelihoods(const Points& theta, const ResponseBlock& block,
                              Points& values) const override {
    std::vector<double> point(static_cast<std::size_t>(theta.size()));
    for (Index s = 0; s < theta.count(); ++s) {
      theta.get_point(s, point);
      const Var found = formulas_.log_likelihood(as_vars(parameters_, point, nullptr), block);
      const bool per_record = found.size() == block.rows();
      for (Index n = 0; n < block.rows(); ++n) values(n, s) = found.values()[per_record ? n : 0];
    }
  }

 private:
  /// function(point), and its gradient added.
  template <class Function>
  double differentiate(std::span<const double> point, std::span<double> gradient, Function function) const {
    Tape tape;
    const std::vector<Var> inputs = as_vars(parameters_, point, &tape);
    const Var value = function(Parameters(inputs));
    tape.differentiate(value);
    add_derivatives(tape, inputs, gradient);
    return value.value();
  }

  T formulas_;
  std::vector<ParameterBlock> parameters_;
};

}  // namespace detail

template <Formulas T>
std::shared_ptr<const Target> make_target(T formulas) {
  return std::make_shared<detail::TargetOf<T>>(std::move(formulas));
}

}  // namespace jensen::advi
