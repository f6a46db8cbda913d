#include <algorithm>
#include <cmath>

#include "document_kernels.hpp"
#include "workspace.hpp"

namespace jensen::lda {

void DocumentWork::solve_in_sequence(const WordRows& words, const MixturePrior& prior,
                                     const WordCounts& document, const SweepLimits& limits) {
  take(words, document);
  in_sequence_ = true;
  const double share = 1 / static_cast<double>(prior.topics);
  phi_.assign(static_cast<std::size_t>(size_ * stride_), 0.0);
  AlignedVector<double> gamma = prior.alpha;
  for (Index k = 0; k < prior.topics; ++k) {
    gamma[static_cast<std::size_t>(k)] += posterior_.tokens * share;
    for (Index i = 0; i < size_; ++i) phi_[static_cast<std::size_t>(i * stride_ + k)] = share;
  }
  begin_at(gamma.data());
  double before = 0;  // no bound yet
  while (!posterior_.settled && posterior_.sweeps < limits.most) {
    for (Index i = 0; i < size_; ++i) {
      update_word(stride_, counts_[static_cast<std::size_t>(i)], theta_.data(), row(i),
                  phi_.data() + i * stride_, posterior_.gamma.data());
      digamma_of(stride_, posterior_.gamma.data(), digamma_.data());
      exponentiate(stride_, digamma_.data(), shift_, theta_.data());
    }
    ++posterior_.sweeps;
    set_bound_of_phi(prior);
    posterior_.settled = before < 0 && posterior_.bound - before <= -limits.tolerance * before;
    before = posterior_.bound;
  }
  if (size_ == 0) set_bound(prior);
}

/// The bound where phi is what it is.
void DocumentWork::set_bound_of_phi(const MixturePrior& prior) {
  const double of_mixture = set_log_theta(prior);
  posterior_.bound = of_mixture;
  posterior_.magnitude = std::abs(of_mixture);
  for (Index i = 0; i < size_; ++i) {
    const auto entry = static_cast<std::size_t>(i);
    const double term =
        counts_[entry] * (log_scales_[entry] + word_bound(stride_, phi_.data() + i * stride_,
                                                          posterior_.log_theta.data(), row(i)));
    posterior_.bound += term;
    posterior_.magnitude += std::abs(term);
  }
}

}  // namespace jensen::lda
