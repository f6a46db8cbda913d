#include "jensen/models/lda/stored_parameters.hpp"

#include <fmt/format.h>

#include <cmath>

#include "jensen/core/error.hpp"

namespace jensen::lda {
namespace {

constexpr double kSumTolerance = 1e-8;
constexpr double kAgreement = 1e-9;

/// Throws InputError at the first entry that is not positive and finite.
void require_positive(const RowMatrix& values, const char* path) {
  for (Index i = 0; i < values.rows(); ++i) {
    for (Index j = 0; j < values.cols(); ++j) {
      if (values(i, j) > 0 && std::isfinite(values(i, j))) continue;
      throw InputError(fmt::format("entry ({}, {}) of '{}' is {} (must be positive and finite)", i, j, path,
                                   values(i, j)));
    }
  }
}

void require_positive(const Vector& values, const char* path) {
  for (Index i = 0; i < values.size(); ++i) {
    if (values[i] > 0 && std::isfinite(values[i])) continue;
    throw InputError(fmt::format("entry {} of '{}' is {} (must be positive and finite)", i, path, values[i]));
  }
}

bool agree(double found, double expected) {
  return std::abs(found - expected) <= kAgreement * std::abs(expected);
}

StoredParameters read_valid(const Document& document) {
  StoredParameters stored{.topics = document.matrix("/parameters/topics"),
                          .alpha = document.vector("/parameters/alpha")};
  const Index topics = stored.topics.rows(), words = stored.topics.cols();
  if (stored.topics.size() == 0) throw InputError("'/parameters/topics' is empty (must be K x V)");
  require_positive(stored.topics, "/parameters/topics");
  for (Index k = 0; k < topics; ++k) {
    const double sum = stored.topics.row(k).sum();
    if (std::abs(sum - 1) <= kSumTolerance) continue;
    throw InputError(fmt::format("topic {} in '/parameters/topics' adds up to {} (must be 1)", k, sum));
  }
  if (stored.alpha.size() != topics) {
    throw InputError(fmt::format("'/parameters/alpha' has {} values (must be {}, one for each topic)",
                                 stored.alpha.size(), topics));
  }
  require_positive(stored.alpha, "/parameters/alpha");
  if (!document.has("/parameters/topics_dirichlet")) return stored;
  stored.topics_dirichlet = document.matrix("/parameters/topics_dirichlet");
  if (stored.topics_dirichlet.rows() != topics || stored.topics_dirichlet.cols() != words) {
    throw InputError(fmt::format("'/parameters/topics_dirichlet' has shape ({}, {}) (must be ({}, {}))",
                                 stored.topics_dirichlet.rows(), stored.topics_dirichlet.cols(), topics,
                                 words));
  }
  require_positive(stored.topics_dirichlet, "/parameters/topics_dirichlet");
  for (Index k = 0; k < topics; ++k) {
    const double sum = stored.topics_dirichlet.row(k).sum();
    for (Index w = 0; w < words; ++w) {
      const double mean = stored.topics_dirichlet(k, w) / sum;
      if (agree(stored.topics(k, w), mean)) continue;
      throw InputError(
          fmt::format("word {} of topic {} is {} in '/parameters/topics', but {} by "
                      "'/parameters/topics_dirichlet' (must be the same)",
                      w, k, stored.topics(k, w), mean));
    }
  }
  stored.eta = document.vector("/parameters/eta");
  if (stored.eta.size() != 1 && stored.eta.size() != words) {
    throw InputError(fmt::format("'/parameters/eta' has {} values (must be 1, or {}: one for each word)",
                                 stored.eta.size(), words));
  }
  require_positive(stored.eta, "/parameters/eta");
  return stored;
}

}  // namespace

StoredParameters stored_parameters(const Document& document) {
  try {
    return read_valid(document);
  } catch (const InputError& error) {
    throw InputError(fmt::format("'{}' cannot be used: {}; use another copy", document.origin, error.what()));
  }
}

void require_parameters(const Document& document) {
  read_valid(document);
}

void require_agreement(const LatentDirichletAllocation& model, const Document& document) {
  const RowMatrix topics = document.matrix("/parameters/topics");
  const Vector alpha = document.vector("/parameters/alpha");
  if (topics.rows() != model.topics() || topics.cols() != model.words()) {
    throw InputError(fmt::format("'/parameters' has {} topics of {} words (must be {} of {}, as in '/state')",
                                 topics.rows(), topics.cols(), model.topics(), model.words()));
  }
  const RowMatrix means = model.topic_means();
  for (Index k = 0; k < model.topics(); ++k) {
    if (!agree(alpha[k], model.alpha()[k])) {
      throw InputError(
          fmt::format("alpha of topic {} is {} in '/parameters', but {} by '/state' (must be the same)", k,
                      alpha[k], model.alpha()[k]));
    }
    for (Index w = 0; w < model.words(); ++w) {
      if (agree(topics(k, w), means(w, k))) continue;
      throw InputError(
          fmt::format("word {} of topic {} is {} in '/parameters', but {} by '/state' (must be the same)", w,
                      k, topics(k, w), means(w, k)));
    }
  }
}

}  // namespace jensen::lda
