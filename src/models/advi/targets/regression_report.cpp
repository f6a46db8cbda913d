#include <fmt/format.h>

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

std::vector<std::string> Regression::class_names() const {
  if (settings_.response == Response::bernoulli) return {"0", "1"};
  std::vector<std::string> names;
  if (settings_.response != Response::categorical) return names;
  for (Index c = 0; c < settings_.classes; ++c) names.push_back(name_of(settings_.class_names, c, ""));
  return names;
}

}  // namespace jensen::advi
