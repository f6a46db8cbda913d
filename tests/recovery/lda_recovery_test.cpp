#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "jensen/fit/fit.hpp"
#include "jensen/models/lda/sampler.hpp"
#include "jensen/models/lda/start.hpp"
#include "support/corpus.hpp"

using namespace jensen;
using lda::LatentDirichletAllocation;

namespace {

/// Topics that each own a slice of the vocabulary and share the rest.
RowMatrix planted_topics(Index words, Index topics) {
  RowMatrix values = RowMatrix::Constant(words, topics, 1.0);
  const Index slice = words / topics;
  for (Index k = 0; k < topics; ++k) {
    for (Index w = k * slice; w < (k + 1) * slice; ++w) values(w, k) = 10 + static_cast<double>(w % 7);
  }
  return values;
}

test::Corpus draw(const LatentDirichletAllocation& model, Index documents, double length) {
  const lda::Sampler sampler(model, length, 11);
  test::Corpus corpus{.vocabulary = model.words()};
  for (Index n = 0; n < documents; ++n) {
    const auto drawn = sampler.draw(n);
    auto& document = corpus.documents.emplace_back();
    for (std::size_t i = 0; i < drawn.words.size(); ++i)
      document.emplace_back(drawn.words[i], drawn.counts[i]);
  }
  return corpus;
}

/// Total variation between each planted topic and the fitted one nearest to it, the largest.
double worst_distance(const RowMatrix& planted, const RowMatrix& found) {
  double worst = 0;
  for (Index k = 0; k < planted.cols(); ++k) {
    const Vector wanted = planted.col(k) / planted.col(k).sum();
    double nearest = 1;
    for (Index j = 0; j < found.cols(); ++j)
      nearest = std::min(nearest, (found.col(j) - wanted).cwiseAbs().sum() / 2);
    worst = std::max(worst, nearest);
  }
  return worst;
}

}  // namespace

TEST_CASE("planted topics and their concentration are found again", "[lda]") {
  constexpr Index kWords = 120, kTopics = 5;
  LatentDirichletAllocation truth({.topics = kTopics, .alpha = lda::symmetric(0.15, kTopics)}, kWords);
  truth.set_topics(planted_topics(kWords, kTopics));
  const test::Corpus corpus = draw(truth, 1500, 120);
  for (const auto kind : {lda::TopicKind::dirichlet, lda::TopicKind::point}) {
    LatentDirichletAllocation model({.topics = kTopics,
                                     .kind = kind,
                                     .alpha = lda::symmetric(1.0, kTopics),
                                     .learn_alpha = lda::Learning::symmetric,
                                     .eta = lda::symmetric(0.5, 1)},
                                    kWords);
    lda::start_at_random(model, 2);
    fit(model, test::CorpusShard(corpus), Communicator(),
        {.stopping = {.max_iterations = 200, .gain_per_weight = 1e-6}});
    CHECK(worst_distance(truth.topic_word(), model.topic_means()) < 0.08);
    CHECK(model.alpha()[0] == Approx(0.15).epsilon(0.25));
    CHECK(model.live_topics() == kTopics);
  }
}
