#include "support/plain_lda.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <cmath>

namespace test {
using namespace jensen;
using boost::math::digamma;

RowMatrix PlainLda::log_topics() const {
  RowMatrix logs = lambda;
  for (Index k = 0; k < lambda.cols(); ++k) {
    const double of_sum = digamma(lambda.col(k).sum());
    for (Index w = 0; w < lambda.rows(); ++w)
      logs(w, k) = points ? std::log(lambda(w, k)) : digamma(lambda(w, k)) - of_sum;
  }
  return logs;
}

double PlainLda::topics_bound() const {
  if (points) return 0;
  const RowMatrix logs = log_topics();
  double bound = 0;
  for (Index k = 0; k < lambda.cols(); ++k) {
    double total = 0;
    for (Index w = 0; w < lambda.rows(); ++w) total += eta_of(w), bound -= std::lgamma(eta_of(w));
    bound += std::lgamma(total) - std::lgamma(lambda.col(k).sum());
    for (Index w = 0; w < lambda.rows(); ++w)
      bound += std::lgamma(lambda(w, k)) + (eta_of(w) - lambda(w, k)) * logs(w, k);
  }
  return bound;
}

PlainLda::Document PlainLda::infer(const std::vector<std::pair<std::int32_t, double>>& document,
                                   double tolerance, Index sweeps) const {
  const RowMatrix logs = log_topics();
  const Index topics = alpha.size(), size = static_cast<Index>(document.size());
  Document result{.gamma = Vector::Ones(topics), .phi = RowMatrix::Zero(size, topics)};
  Vector log_theta(topics);
  const auto update_phi = [&] {
    for (Index k = 0; k < topics; ++k) log_theta[k] = digamma(result.gamma[k]) - digamma(result.gamma.sum());
    for (Index i = 0; i < size; ++i) {
      const auto scores =
          (log_theta.transpose() + logs.row(document[static_cast<std::size_t>(i)].first)).eval();
      const double most = scores.maxCoeff();
      const double norm = most + std::log((scores.array() - most).exp().sum());
      result.phi.row(i) = (scores.array() - norm).exp();
    }
  };
  for (Index sweep = 0; sweep < sweeps; ++sweep) {
    update_phi();
    Vector next = alpha;
    for (Index i = 0; i < size; ++i)
      next += document[static_cast<std::size_t>(i)].second * result.phi.row(i).transpose();
    const double change = (next - result.gamma).cwiseAbs().mean();
    result.gamma = next;
    if (change < tolerance) break;
  }
  update_phi();
  result.bound = std::lgamma(alpha.sum()) - std::lgamma(result.gamma.sum());
  for (Index k = 0; k < topics; ++k) {
    result.bound +=
        std::lgamma(result.gamma[k]) - std::lgamma(alpha[k]) + (alpha[k] - result.gamma[k]) * log_theta[k];
    for (Index i = 0; i < size; ++i) {
      const auto& [word, count] = document[static_cast<std::size_t>(i)];
      const double phi = result.phi(i, k);
      if (phi > 0) result.bound += count * phi * (log_theta[k] + logs(word, k) - std::log(phi));
    }
  }
  return result;
}

double PlainLda::elbo(const Corpus& corpus, double tolerance, Index sweeps, RowMatrix* counts) const {
  double bound = topics_bound();
  if (counts != nullptr) counts->setZero(lambda.rows(), lambda.cols());
  for (const auto& document : corpus.documents) {
    const Document found = infer(document, tolerance, sweeps);
    bound += found.bound;
    for (std::size_t i = 0; counts != nullptr && i < document.size(); ++i)
      counts->row(document[i].first) += document[i].second * found.phi.row(static_cast<Index>(i));
  }
  return bound;
}

}  // namespace test
