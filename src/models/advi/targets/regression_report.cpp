#include <fmt/format.h>

#include <cmath>

#include "jensen/core/error.hpp"
#include "jensen/models/advi/targets/regression.hpp"

namespace jensen::advi {
namespace {

std::string name_of(const std::vector<std::string>& names, Index i, const char* otherwise) {
  return names.empty() ? fmt::format("{}{}", otherwise, i) : names[static_cast<std::size_t>(i)];
}

}  // namespace

std::vector<std::string> Regression::reported_names() const {
  std::vector<std::string> names;
  const auto for_each_predictor = [&](auto name) {
    for (Index c = 0; c < predictors_; ++c) {
      const bool several = settings_.response == Response::categorical;
      names.push_back(several ? fmt::format("{} [{}]", name, name_of(settings_.class_names, c + 1, ""))
                              : std::string(name));
    }
  };
  for_each_predictor("intercept");
  for (Index j = 0; j < features_; ++j) for_each_predictor(name_of(settings_.feature_names, j, "x"));
  if (at_.global >= 0) names.push_back("global_scale");
  for (Index g = 0; g < settings_.groups; ++g)
    for_each_predictor("group " + name_of(settings_.group_names, g, ""));
  if (at_.group_scale >= 0) names.push_back("group_scale");
  if (at_.own >= 0) names.push_back(parameters_.back().name);
  return names;
}

Vector Regression::reported(std::span<const double> theta) const {
  const auto number = [&](Index i) { return theta[static_cast<std::size_t>(i)]; };
  RowMatrix beta = features_ > 0 ? coefficients(theta) : RowMatrix(predictors_, 0);
  Vector intercepts(predictors_);
  for (Index c = 0; c < predictors_; ++c) intercepts[c] = number(at_.intercept + c);
  if (settings_.transform.features() == features_) {
    beta.array().rowwise() *= settings_.transform.scale.transpose().array();
    intercepts -= beta * settings_.transform.shift;
  }
  std::vector<double> values(intercepts.begin(), intercepts.end());
  for (Index j = 0; j < features_; ++j) {
    for (Index c = 0; c < predictors_; ++c) values.push_back(beta(c, j));
  }
  if (at_.global >= 0) values.push_back(number(at_.global));
  for (Index g = 0; g < settings_.groups; ++g) {
    for (Index c = 0; c < predictors_; ++c)
      values.push_back(number(at_.group + c * settings_.groups + g) * number(at_.group_scale));
  }
  if (at_.group_scale >= 0) values.push_back(number(at_.group_scale));
  if (at_.own >= 0) values.push_back(number(at_.own));
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

void Regression::predict(const Points& theta, const ResponseBlock& block, Prediction& prediction) const {
  if (settings_.groups > 0 && block.groups.empty())
    throw InputError("the records have no groups, which the model has; their data set is missing");
  const Index stride = theta.stride(), width = predictors_ * stride, rows = block.rows();
  AlignedVector<double> beta, eta(static_cast<std::size_t>(rows * width));
  fill_coefficients(theta, beta);
  fill_predictors(theta, beta, block, 0, rows, eta.data());
  const bool classes = settings_.response == Response::categorical;
  prediction.labels.assign(static_cast<std::size_t>(rows), 0);
  prediction.values.resize(rows, 2);
  for (Index n = 0; n < rows; ++n) {
    // expectations of each draw: of the response, or of being in each class but the first
    Eigen::Map<const RowMatrix> predictors(eta.data() + n * width, predictors_, stride);
    Eigen::ArrayXXd expected = predictors.leftCols(theta.count()).array();
    if (classes) {
      const Eigen::ArrayXXd shares = expected.exp();
      expected = shares.rowwise() / (1 + shares.colwise().sum());
    } else if (settings_.response == Response::bernoulli) {
      expected = (1 + (-expected).exp()).inverse();
    } else if (settings_.response == Response::poisson || settings_.response == Response::negative_binomial) {
      expected = expected.exp();
    }
    Eigen::ArrayXd of_label = expected.row(0);
    Index& label = prediction.labels[static_cast<std::size_t>(n)];
    if (classes) {
      Eigen::ArrayXXd all(predictors_ + 1, expected.cols());
      all << 1 - expected.colwise().sum(), expected;
      all.rowwise().mean().maxCoeff(&label);
      of_label = all.row(label);
    } else if (settings_.response == Response::bernoulli) {
      label = of_label.mean() > 0.5 ? 1 : 0;
    }
    const double mean = of_label.mean();
    prediction.values(n, 0) = mean;
    prediction.values(n, 1) = std::sqrt((of_label - mean).square().mean());
  }
}

}  // namespace jensen::advi
