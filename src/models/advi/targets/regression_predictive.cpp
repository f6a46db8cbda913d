#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "jensen/core/error.hpp"
#include "jensen/core/gamma_variate.hpp"
#include "jensen/core/poisson_variate.hpp"
#include "jensen/models/advi/targets/regression.hpp"
#include "likelihoods.hpp"

namespace jensen::advi {
namespace {

constexpr Index kTile = 64;  // records whose predictors are made at a time
constexpr Index kLanes = simd::kLanes<double>;

/// Probabilities of C classes by the predictors of all but the first, C - 1 x S.
Eigen::ArrayXXd softmax(const Eigen::ArrayXXd& eta) {
  Eigen::ArrayXXd shares(eta.rows() + 1, eta.cols());
  shares << Eigen::ArrayXXd::Zero(1, eta.cols()), eta;
  for (Index s = 0; s < shares.cols(); ++s) {
    shares.col(s) = (shares.col(s) - shares.col(s).maxCoeff()).exp();
    shares.col(s) /= shares.col(s).sum();
  }
  return shares;
}

}  // namespace

template <class Visit>
void Regression::for_each_record(const Points& theta, const ResponseBlock& block, Visit visit) const {
  if (settings_.groups > 0 && block.groups.empty() && block.rows() > 0)
    throw InputError("the records have no groups, which the model has; their data set is missing");
  const Index width = predictors_ * theta.stride();
  AlignedVector<double> beta, eta(static_cast<std::size_t>(kTile * width));
  fill_coefficients(theta, beta);
  for (Index first = 0; first < block.rows(); first += kTile) {
    const Index rows = std::min(kTile, block.rows() - first);
    fill_predictors(theta, beta, block, first, rows, eta.data());
    for (Index n = 0; n < rows; ++n) visit(first + n, eta.data() + n * width);
  }
}

bool Regression::admits(double response) const {
  const bool whole = response >= 0 && response == std::floor(response) && std::isfinite(response);
  switch (settings_.response) {
    case Response::normal:
    case Response::student:
      return std::isfinite(response);
    case Response::bernoulli:
      return response == 0 || response == 1;
    case Response::poisson:
    case Response::negative_binomial:
      return whole;
    case Response::categorical:
      return whole && response < static_cast<double>(settings_.classes);
  }
  return false;
}

std::string Regression::admitted() const {
  if (settings_.response == Response::bernoulli) return "0 or 1";
  if (settings_.response == Response::categorical) return fmt::format("0 to {}", settings_.classes - 1);
  const bool count =
      settings_.response == Response::poisson || settings_.response == Response::negative_binomial;
  return count ? "0, 1, 2 ..." : "finite";
}

template <class Likelihood>
void Regression::fill(const Likelihood& likelihood, const Points& theta, const ResponseBlock& block,
                      Points& values) const {
  const Index stride = theta.stride();
  const std::vector<typename Likelihood::Own> own = own_parameters<Likelihood>(theta, at_.own);
  for_each_record(theta, block, [&](Index n, double* eta) {
    const double y = block.responses[static_cast<std::size_t>(n)];
    if (!admits(y)) {
      if (block.weight(n) > 0) {
        throw InputError(fmt::format("the response of record {} is {} (must be {})",
                                     block.features.first_record + n, y, admitted()));
      }
      std::fill_n(values.row(n), stride, -std::numeric_limits<double>::infinity());
      return;
    }
    for (Index lane = 0; lane < stride; lane += kLanes) {
      const auto& lanes = own[static_cast<std::size_t>(lane / kLanes)];
      RecordSums sums;
      likelihood.add_record(y, 1, lanes, eta + lane, stride, sums);
      Doubles unwanted;
      simd::store<double>(sums.log_likelihood(likelihood) + likelihood.of_response(y, lanes, unwanted),
                          values.row(n) + lane);
    }
  });
}

void Regression::record_log_likelihoods(const Points& theta, const ResponseBlock& block,
                                        Points& values) const {
  if (block.rows() > 0 && block.responses.empty())
    throw InputError("the records have no responses, whose density is asked for");
  switch (settings_.response) {
    case Response::normal:
      return fill(NormalLikelihood{}, theta, block, values);
    case Response::student:
      return fill(StudentLikelihood{{}, settings_.degrees_of_freedom}, theta, block, values);
    case Response::bernoulli:
      return fill(BernoulliLikelihood{}, theta, block, values);
    case Response::poisson:
      return fill(PoissonLikelihood{}, theta, block, values);
    case Response::negative_binomial:
      return fill(NegativeBinomialLikelihood{}, theta, block, values);
    case Response::categorical:
      return fill(CategoricalLikelihood{{}, {}, predictors_}, theta, block, values);
  }
}

void Regression::predict(const Points& theta, const ResponseBlock& block, Prediction& prediction) const {
  const bool counts =
      settings_.response == Response::poisson || settings_.response == Response::negative_binomial;
  const auto classes = static_cast<Index>(class_names().size());
  prediction.labels.assign(static_cast<std::size_t>(block.rows()), 0);
  prediction.values.resize(block.rows(), 2);
  prediction.responsibilities.resize(block.rows(), classes);
  for_each_record(theta, block, [&](Index n, const double* eta) {
    Eigen::ArrayXXd expected =
        Eigen::Map<const RowMatrix>(eta, predictors_, theta.stride()).leftCols(theta.count()).array();
    if (counts) expected = expected.exp();
    if (classes > 0) {
      expected = softmax(expected);
      const Vector shares = expected.rowwise().mean();
      Index& label = prediction.labels[static_cast<std::size_t>(n)];
      shares.maxCoeff(&label);
      prediction.responsibilities.row(n) = shares.transpose();
      const Index told = settings_.response == Response::bernoulli ? 1 : label;
      expected = Eigen::ArrayXXd(expected.row(told));
    }
    const double mean = expected.mean();
    prediction.values(n, 0) = mean;
    prediction.values(n, 1) = std::sqrt((expected - mean).square().mean());
  });
}

double Regression::draw_response(Stream& stream, const double* eta, Index stride, double own) const {
  switch (settings_.response) {
    case Response::normal:
      return *eta + own * stream.normal();
    case Response::student: {
      const double half = 0.5 * settings_.degrees_of_freedom;
      const double spread = own * std::sqrt(half / draw_gamma(stream, half));
      return *eta + spread * stream.normal();
    }
    case Response::bernoulli:
      return stream.uniform() < 1 / (1 + std::exp(-*eta)) ? 1 : 0;
    case Response::poisson:
      return draw_poisson(stream, std::exp(*eta));
    case Response::negative_binomial: {
      const double rate = draw_gamma(stream, own) / own;
      return draw_poisson(stream, rate * std::exp(*eta));
    }
    case Response::categorical: {
      const auto predictor = [&](Index c) { return c == 0 ? 0 : eta[(c - 1) * stride]; };
      double largest = 0, total = 0;
      for (Index c = 0; c <= predictors_; ++c) largest = std::max(largest, predictor(c));
      for (Index c = 0; c <= predictors_; ++c) total += std::exp(predictor(c) - largest);
      double left = total * stream.uniform();
      Index c = 0;
      while (c < predictors_ && (left -= std::exp(predictor(c) - largest)) >= 0) ++c;
      return static_cast<double>(c);
    }
  }
  return 0;
}

void Regression::draw_responses(const Points& theta, const ResponseBlock& block, std::uint64_t seed,
                                Index first, Points& responses) const {
  for_each_record(theta, block, [&](Index n, const double* eta) {
    const Index record = block.features.first_record + n;
    for (Index s = 0; s < theta.count(); ++s) {
      Stream stream(seed, Purpose::sampling, record, static_cast<std::uint64_t>(first + s));
      const double own = at_.own < 0 ? 0 : theta(at_.own, s);
      responses(n, s) = draw_response(stream, eta + s, theta.stride(), own);
      if (std::isfinite(responses(n, s))) continue;
      throw NumericalError(
          fmt::format("response {} of record {} is {}: at that draw of q its linear predictor is {:.3g}, and "
                      "there is no such distribution; look for features far from those of the fit",
                      first + s, record, responses(n, s), eta[s]));
    }
  });
}

}  // namespace jensen::advi
