#include "jensen/models/advi/target.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"
#include "jensen/core/simd.hpp"

namespace jensen::advi {

Points::Points(Index size, Index count)
    : size_(size),
      count_(count),
      stride_(simd::padded<double>(count)),
      values_(static_cast<std::size_t>(size * stride_), 0.0) {}

void Points::set_point(Index s, std::span<const double> point) {
  for (Index i = 0; i < size_; ++i) (*this)(i, s) = point[static_cast<std::size_t>(i)];
}

void Points::get_point(Index s, std::span<double> point) const {
  for (Index i = 0; i < size_; ++i) point[static_cast<std::size_t>(i)] = (*this)(i, s);
}

void Points::pad() {
  for (Index i = 0; i < size_; ++i) std::fill(row(i) + count_, row(i) + stride_, (*this)(i, 0));
}

Index Target::size() const {
  Index size = 0;
  for (const ParameterBlock& block : parameters()) size += constrained_size(block);
  return size;
}

Vector Target::start() const {
  Index size = 0;
  for (const ParameterBlock& block : parameters()) size += unconstrained_size(block);
  return Vector::Zero(size);
}

std::vector<std::string> Target::reported_names() const {
  std::vector<std::string> names;
  for (const ParameterBlock& block : parameters()) {
    const Index size = constrained_size(block);
    for (Index i = 0; i < size; ++i)
      names.push_back(size == 1 ? block.name : fmt::format("{}[{}]", block.name, i));
  }
  return names;
}

Vector Target::reported(std::span<const double> theta) const {
  return Eigen::Map<const Vector>(theta.data(), static_cast<Index>(theta.size()));
}

void Target::record_log_likelihoods(const Points&, const ResponseBlock&, Points&) const {
  throw InputError("the model gives single records no density");
}

void Target::predict(const Points&, const ResponseBlock&, Prediction&) const {
  throw InputError("the model does not say what it expects of a record");
}

void Target::add_expected_information(std::span<const double>, const ResponseBlock&,
                                      Eigen::Ref<Matrix>) const {
  throw InputError("the model does not say what information it expects of a record");
}

void Target::draw_responses(const Points&, const ResponseBlock&, std::uint64_t, Index, Points&) const {
  throw InputError("the model does not say how responses are drawn");
}

Index Target::draw_record(std::span<const double>, Stream&, std::span<double>) const {
  throw InputError("the model does not say how records are drawn");
}

namespace detail {

std::vector<Var> as_vars(const std::vector<ParameterBlock>& blocks, std::span<const double> point,
                         Tape* tape) {
  std::vector<Var> vars;
  vars.reserve(blocks.size());
  for (const ParameterBlock& block : blocks) {
    const Index size = constrained_size(block);
    Eigen::ArrayXd values = Eigen::Map<const Eigen::ArrayXd>(point.data(), size);
    vars.push_back(tape == nullptr ? Var(std::move(values)) : tape->input(std::move(values)));
    point = point.subspan(static_cast<std::size_t>(size));
  }
  return vars;
}

void add_derivatives(Tape& tape, std::span<const Var> inputs, std::span<double> gradient) {
  for (const Var& input : inputs) {
    Eigen::Map<Eigen::ArrayXd>(gradient.data(), input.size()) += tape.derivative(input);
    gradient = gradient.subspan(static_cast<std::size_t>(input.size()));
  }
}

Var total(const Var& log_likelihood, const ResponseBlock& block) {
  if (block.features.weights.empty()) {
    const bool per_record = log_likelihood.size() == block.rows();
    return per_record ? sum(log_likelihood) : log_likelihood * static_cast<double>(block.rows());
  }
  const Eigen::Map<const Eigen::ArrayXd> weights(block.features.weights.data(), block.rows());
  return sum(log_likelihood * Var(Eigen::ArrayXd(weights)));
}

}  // namespace detail
}  // namespace jensen::advi
