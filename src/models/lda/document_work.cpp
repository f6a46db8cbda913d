#include <algorithm>

#include "document_kernels.hpp"
#include "jensen/core/simd.hpp"
#include "scalar.hpp"
#include "workspace.hpp"

namespace jensen::lda {
namespace {

void grow(AlignedVector<double>& values, Index size) {
  if (static_cast<Index>(values.size()) < size) values.resize(static_cast<std::size_t>(size));
}

void prefetch(const double* row, Index stride) {
  for (Index k = 0; k < stride; k += kLine) __builtin_prefetch(row + k);
}

}  // namespace

DocumentWork::DocumentWork(Index topics) : stride_(simd::padded<double>(topics)) {
  for (auto* row : {&posterior_.gamma, &posterior_.log_theta, &theta_, &sums_, &digamma_})
    row->assign(static_cast<std::size_t>(stride_), 0.0);
}

void DocumentWork::take(const WordRows& words, const WordCounts& document) {
  size_ = document.size();
  padded_ = (size_ + kLine - 1) / kLine * kLine;
  for (auto* row : {&counts_, &log_scales_, &norms_, &ratios_}) grow(*row, padded_);
  grow(rows_, padded_ * stride_);
  constexpr std::size_t kAhead = 4;  // rows that are asked for before they are needed
  for (Index i = 0; i < size_; ++i) {
    const auto entry = static_cast<std::size_t>(i);
    const Index word = document.words[entry];
    if (entry + kAhead < document.words.size())
      prefetch(words.rows.row(document.words[entry + kAhead]), stride_);
    std::copy_n(words.rows.row(word), stride_, row(i));
    counts_[entry] = document.counts[entry];
    log_scales_[entry] = words.log_scales[static_cast<std::size_t>(word)];
  }
  // The last line is filled up with words that do not occur.
  std::fill(row(size_), row(padded_), 1.0);
  std::fill(counts_.data() + size_, counts_.data() + padded_, 0.0);
  std::fill(log_scales_.data() + size_, log_scales_.data() + padded_, 0.0);
  posterior_.tokens = sum_of(counts_.data(), padded_);
  posterior_.sweeps = 0;
  posterior_.settled = size_ == 0;
  in_sequence_ = false;
}

void DocumentWork::begin_at(const double* gamma) {
  std::copy_n(gamma, stride_, posterior_.gamma.data());
  shift_ = digamma_of(stride_, gamma, digamma_.data());
  exponentiate(stride_, digamma_.data(), shift_, theta_.data());
}

void DocumentWork::solve_by_block(const WordRows& words, const MixturePrior& prior,
                                  const WordCounts& document, const SweepLimits& limits,
                                  std::span<const double> first_gamma) {
  take(words, document);
  if (size_ == 0) {
    begin_at(prior.alpha.data());
  } else {
    begin_at(first_gamma.empty() ? prior.first_gamma.data() : first_gamma.data());
  }
  while (!posterior_.settled && posterior_.sweeps < limits.most) {
    const double change = sweep(prior);
    ++posterior_.sweeps;
    posterior_.settled = change < limits.tolerance * static_cast<double>(prior.topics);
  }
  for (Index i = 0; i < padded_; i += kLine)
    multiply_group(row(i), stride_, theta_.data(), norms_.data() + i);
  divide(padded_, counts_.data(), norms_.data(), ratios_.data());
  set_bound(prior);
}

/// One pass over the words; returns the sum of the changes of gamma.
double DocumentWork::sweep(const MixturePrior& prior) {
  std::fill(sums_.begin(), sums_.end(), 0.0);
  sweep_words(padded_, rows_.data(), stride_, counts_.data(), theta_.data(), norms_.data(), ratios_.data(),
              sums_.data());
  const double change = update_gamma(stride_, prior.alpha.data(), theta_.data(), sums_.data(),
                                     posterior_.gamma.data(), digamma_.data(), shift_);
  exponentiate(stride_, digamma_.data(), shift_, theta_.data());
  return change;
}

/// The bound where phi is the best one for gamma:
///   sum_w n_w log sum_k exp(E[log theta_k] + E[log beta_kw]) - KL(q(theta) || p(theta)).
void DocumentWork::set_bound(const MixturePrior& prior) {
  const double of_mixture = set_log_theta(prior);
  posterior_.bound = posterior_.magnitude = 0;
  if (size_ == 0) return;  // q is the prior
  const double of_words = words_bound(padded_, counts_.data(), norms_.data(), log_scales_.data(),
                                      shift_ - digamma_of_sum_, posterior_.magnitude);
  posterior_.bound = of_words + of_mixture;
  posterior_.magnitude += std::abs(of_mixture);
}

/// Also returns -KL(q(theta) || p(theta)).
double DocumentWork::set_log_theta(const MixturePrior& prior) {
  const double sum = sum_of(posterior_.gamma.data(), stride_);
  digamma_of_sum_ = digamma(sum);
  return prior.log_gamma_of_sum - log_gamma(sum) +
         mixture_bound(stride_, prior, posterior_.gamma.data(), digamma_.data(), digamma_of_sum_,
                       posterior_.log_theta.data());
}

void DocumentWork::add_expected_counts(Index i, double* target) const {
  const auto entry = static_cast<std::size_t>(i);
  if (in_sequence_) {
    add_row(stride_, counts_[entry], phi_.data() + i * stride_, target);
  } else {
    add_product_row(stride_, ratios_[entry], theta_.data(), row(i), target);
  }
}

}  // namespace jensen::lda
