#include "jensen/models/mixture/stored_parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "jensen/core/error.hpp"

namespace jensen::mixture {
namespace {

constexpr double kWeightTolerance = 1e-8;
constexpr double kAgreement = 1e-9;

/// "0.5", "-inf", "nan", with all its digits.
std::string shown(double value) {
  return fmt::format("{}", value);
}

struct Sizes {
  Index components = 0;
  Index features = 0;
  Index covariances = 0;  // as many, or one that all share
};

void require_shape(const Document& document, const std::string& path,
                   const std::vector<std::vector<Index>>& allowed) {
  document.numbers(path);
  const auto& shape = document.array(path).shape;
  if (std::find(allowed.begin(), allowed.end(), shape) != allowed.end()) return;
  std::vector<std::string> texts;
  for (const auto& one : allowed) texts.push_back(fmt::format("({})", fmt::join(one, ", ")));
  throw InputError(fmt::format("'{}' has shape ({}) (must be {})", path, fmt::join(shape, ", "),
                               fmt::join(texts, " or ")));
}

/// Of the arrays that are there; weights, means, and covariances or their volumes must be.
Sizes sizes_of(const Document& document) {
  const RowMatrix means = document.matrix("/parameters/means");
  const Index k = means.rows(), d = means.cols();
  if (means.size() == 0) throw InputError("'/parameters/means' is empty (must be K x D)");
  require_shape(document, "/parameters/weights", {{k}});
  const bool dense = document.has("/parameters/covariances");
  if (dense) {
    require_shape(document, "/parameters/covariances", {{k, d, d}, {1, d, d}});
  } else {
    require_shape(document, "/parameters/volume", {{k}, {1}});
  }
  const Index count = document.array(dense ? "/parameters/covariances" : "/parameters/volume").shape[0];
  const auto require_if_there = [&](const char* path, const std::vector<std::vector<Index>>& allowed) {
    if (document.has(path)) require_shape(document, path, allowed);
  };
  require_if_there("/parameters/volume", {{count}});
  require_if_there("/parameters/shape", {{count, d}});
  require_if_there("/parameters/orientation", {{count, d, d}, {1, d, d}});
  return {k, d, count};
}

StoredParameters read_valid(const Document& document) {
  const std::string place = "/parameters";
  const Index d = sizes_of(document).features;
  StoredParameters stored{.weights = document.vector("/parameters/weights"),
                          .means = document.matrix("/parameters/means")};
  require_weights(stored.weights, place);
  if (!stored.means.allFinite()) throw InputError("'/parameters/means' is not finite everywhere (must be)");
  if (!document.has("/parameters/covariances")) return stored;
  const auto numbers = document.numbers("/parameters/covariances");
  const Index count = static_cast<Index>(numbers.size()) / (d * d);
  for (Index c = 0; c < count; ++c) {
    stored.covariances.emplace_back(Eigen::Map<const RowMatrix>(numbers.data() + c * d * d, d, d));
    require_covariance(stored.covariances.back(), c, place);
  }
  return stored;
}

[[noreturn]] void refuse(const Document& document, const std::string& what) {
  throw InputError(fmt::format("'{}' cannot be used: {}; use another copy", document.origin, what));
}

[[noreturn]] void disagree(const std::string& what, double found, double expected) {
  throw InputError(fmt::format("{} is {} in '/parameters', but {} by '/state' (must be the same)", what,
                               shown(found), shown(expected)));
}

}  // namespace

void require_weights(const Vector& weights, const std::string& place) {
  for (Index k = 0; k < weights.size(); ++k) {
    if (weights[k] >= 0 && std::isfinite(weights[k])) continue;
    throw InputError(
        fmt::format("weight {} in '{}/weights' is {} (must be 0 or more)", k, place, shown(weights[k])));
  }
  if (!(std::abs(weights.sum() - 1) <= kWeightTolerance)) {
    throw InputError(
        fmt::format("the weights in '{}/weights' add up to {} (must be 1)", place, shown(weights.sum())));
  }
}

void require_covariance(const Eigen::Ref<const Matrix>& covariance, Index c, const std::string& place) {
  const auto refuse_it = [&](const char* what) {
    throw InputError(fmt::format("covariance {} in '{}/covariances' is not {} (must be)", c, place, what));
  };
  if (!covariance.allFinite()) refuse_it("finite everywhere");
  const Vector sd = covariance.diagonal().cwiseMax(0).cwiseSqrt();
  const Matrix difference = covariance - covariance.transpose();
  if (!(difference.array().abs() <= kAgreement * (sd * sd.transpose()).array()).all()) refuse_it("symmetric");
  if (Eigen::LLT<Matrix>(covariance).info() != Eigen::Success) refuse_it("positive definite");
}

void require_shapes(const Document& document) {
  try {
    sizes_of(document);
    for (const char* path : {"/parameters/volume", "/parameters/shape", "/parameters/orientation"})
      document.array(path);
  } catch (const InputError& error) {
    refuse(document, error.what());
  }
}

StoredParameters stored_parameters(const Document& document) {
  try {
    return read_valid(document);
  } catch (const InputError& error) {
    refuse(document, error.what());
  }
}

void require_parameters(const Document& document) {
  read_valid(document);
}

void require_agreement(const Parameters& model, const Transform& transform, const Document& document) {
  const Index d = model.features(), count = sizes_of(document).covariances;
  const auto agree = [](double found, double expected, double unit) {
    return found == expected || std::abs(found - expected) <= kAgreement * unit;
  };
  const Vector weights = document.vector("/parameters/weights");
  const RowMatrix means = document.matrix("/parameters/means");
  const RowMatrix expected_means = transform.to_original(model.means);
  if (means.rows() != model.components() || means.cols() != d || count != model.covariances.count()) {
    throw InputError(fmt::format(
        "'/parameters' has {} components of {} features and {} covariances (must be {}, {} and {}, as in "
        "'/state')",
        means.rows(), means.cols(), count, model.components(), d, model.covariances.count()));
  }
  const bool dense = document.has("/parameters/covariances");
  for (Index k = 0; k < means.rows(); ++k) {
    if (!agree(weights[k], model.weights[k], 1)) {
      disagree(fmt::format("weight {}", k), weights[k], model.weights[k]);
    }
    const Index c = model.covariances.column(k);
    const Vector sd = model.covariances.variances(c).cwiseSqrt().cwiseQuotient(transform.scale);
    for (Index j = 0; j < d; ++j) {
      const double unit = sd[j] + std::abs(expected_means(k, j));
      if (agree(means(k, j), expected_means(k, j), unit)) continue;
      disagree(fmt::format("the mean of component {}, feature {},", k, j), means(k, j), expected_means(k, j));
    }
    if (c != k) continue;
    if (document.has("/parameters/volume") && document.has("/parameters/shape")) {
      const double volume = document.vector("/parameters/volume")[c];
      const double trace = volume * document.matrix("/parameters/shape").row(c).sum();
      // Where eigenvalues differ by more than 1e16, rounding may have left no volume.
      if (std::isfinite(trace) && !agree(trace, sd.squaredNorm(), sd.squaredNorm())) {
        disagree(fmt::format("the sum of volume {} times its shape", c), trace, sd.squaredNorm());
      }
    }
    if (!dense) continue;
    const auto* const numbers = document.numbers("/parameters/covariances").data() + c * d * d;
    const Matrix expected = model.covariances.dense_in_units(transform, c);
    for (Index i = 0; i < d; ++i) {
      for (Index j = 0; j < d; ++j) {
        if (agree(numbers[i * d + j], expected(i, j), sd[i] * sd[j])) continue;
        disagree(fmt::format("entry ({}, {}) of covariance {}", i, j, c), numbers[i * d + j], expected(i, j));
      }
    }
  }
}

}  // namespace jensen::mixture
