#include <fmt/format.h>

#include <cmath>

#include "jensen/core/error.hpp"
#include "jensen/models/lda/lda.hpp"

namespace jensen::lda {
namespace {

void require(bool fine, const char* name, const char* what) {
  if (!fine) throw InputError(fmt::format("'/state/{}' is not {} (must be)", name, what));
}

template <class Values>
bool is_positive(const Values& values) {
  return values.allFinite() && (values.array() > 0).all();
}

}  // namespace

void LatentDirichletAllocation::require_valid() const {
  require(is_positive(topic_word_), "topic_word", "positive and finite everywhere");
  if (settings_.kind == TopicKind::point) {
    const RowVector totals = topic_word_.colwise().sum();
    require(((totals.array() - 1).abs() <= 1e-8).all(), "topic_word",
            "a distribution over words of each topic");
  }
  require(is_positive(alpha_), "alpha", "positive and finite everywhere");
  require(is_positive(eta_), "eta", "positive and finite everywhere");
  require(sizes_.allFinite() && (sizes_.array() >= 0).all(), "sizes", "0 or more and finite everywhere");
}

}  // namespace jensen::lda
