#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/fit/fit.hpp"
#include "jensen/models/lda/coherence.hpp"
#include "jensen/models/lda/evaluation.hpp"
#include "jensen/models/lda/sampler.hpp"
#include "jensen/models/lda/start.hpp"
#include "support/corpus.hpp"
#include "support/ending.hpp"

using namespace jensen;
using lda::LatentDirichletAllocation;

namespace {

LatentDirichletAllocation make(Index topics, Index words, double alpha = 0.2) {
  return LatentDirichletAllocation(
      {.topics = topics, .alpha = lda::symmetric(alpha, topics), .eta = lda::symmetric(0.05, 1)}, words);
}

LatentDirichletAllocation fitted(const test::Corpus& corpus, Index topics) {
  LatentDirichletAllocation model = make(topics, corpus.vocabulary);
  lda::start_at_random(model, 4);
  fit(model, test::CorpusShard(corpus), Communicator(), {.stopping = {.max_iterations = 30}});
  return model;
}

}  // namespace

TEST_CASE("the bound's score is the ELBO's parts", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(40, 30, 3);
  LatentDirichletAllocation model = make(3, 30);
  lda::start_at_random(model, 1);
  const auto result =
      fit(model, test::CorpusShard(corpus), Communicator(), {.stopping = {.max_iterations = 3}});
  const lda::BoundScore score = lda::score_by_bound(model, test::CorpusShard(corpus), Communicator());
  CHECK(score.elbo() == Approx(result.progress.objective()).epsilon(1e-14));
  CHECK(score.tokens == corpus.tokens());
  CHECK(score.documents == 40);
  CHECK(score.perplexity() > 1);
  CHECK(score.perplexity() < score.perplexity_with_topics());
}

TEST_CASE("halves of a document are a partition of its tokens, about even", "[lda]") {
  test::Corpus corpus{.vocabulary = 4};
  for (int n = 0; n < 200; ++n) corpus.documents.push_back({{0, 7.0}, {1, 1.0}, {3, 2.5}});
  const test::CorpusShard shard(corpus, {}, 200);
  test::CorpusShard::Buffer buffer;
  const CountBlock block = shard.block(0, buffer);
  lda::Halves halves, again;
  double known = 0, whole_tokens = 0;
  bool differ = false;
  for (Index n = 0; n < block.documents(); ++n) {
    halves.split(block.document(n), n, 5), again.split(block.document(n), n, 5);
    CHECK(halves.known_counts == again.known_counts);
    Vector sum = Vector::Zero(4);
    for (const auto& half : {halves.known(), halves.held()}) {
      for (std::size_t i = 0; i < half.words.size(); ++i) {
        CHECK(half.counts[i] > 0);
        sum[half.words[i]] += half.counts[i];
      }
    }
    CHECK(sum == Vector(Eigen::Vector4d(7, 1, 0, 2.5)));
    for (const double count : halves.known_counts) known += count;
    whole_tokens += 10.5;
    again.split(block.document(n), n, 6);
    differ = differ || again.known_counts != halves.known_counts;
  }
  CHECK(differ);
  CHECK(known / whole_tokens == Approx(0.5).margin(0.03));
}

TEST_CASE("document completion scores what was held back", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(60, 30, 3);
  const test::CorpusShard shard(corpus);
  LatentDirichletAllocation uniform = make(3, 30);
  uniform.prepare(0);
  const lda::CompletionScore flat = lda::complete(uniform, shard, Communicator(), 1);
  CHECK(flat.perplexity() == Approx(30).epsilon(1e-12));
  CHECK(flat.tokens == Approx(corpus.tokens() / 2).epsilon(0.1));
  const LatentDirichletAllocation model = fitted(corpus, 3), poor = fitted(corpus, 1);
  const double good = lda::complete(model, shard, Communicator(), 1).perplexity();
  CHECK(good < lda::complete(poor, shard, Communicator(), 1).perplexity());
  // The bound is an upper bound of the perplexity of all tokens.
  CHECK(good < lda::score_by_bound(model, shard, Communicator()).perplexity());
}

TEST_CASE("predict gives mixtures, dominant topics and bounds", "[lda]") {
  const test::Corpus corpus = test::block_diagonal();
  LatentDirichletAllocation model = make(3, 9);
  lda::start_from_labels(model, test::CorpusShard(corpus), Communicator(), [](Index n) { return n / 3; });
  model.prepare(0);
  test::Corpus asked = corpus;
  asked.documents.push_back({});
  const test::CorpusShard shard(asked);
  test::CorpusShard::Buffer buffer;
  Prediction prediction;
  lda::predict(model, shard.block(0, buffer), prediction);
  CHECK(prediction.labels == std::vector<Index>{0, 0, 0, 1, 1, 1, 2, 2, 2, 0});
  CHECK(prediction.responsibilities(4, 1) == Approx(9.2 / 9.6).epsilon(1e-6));
  CHECK(prediction.responsibilities.row(9).isApprox(RowVector::Constant(3, 1.0 / 3)));
  CHECK(prediction.values(0, 1) == 9);
  CHECK(prediction.values(0, 0) < 0);
  CHECK(prediction.values(9, 0) == 0);
}

TEST_CASE("coherence counts documents that words share", "[lda]") {
  LatentDirichletAllocation model = make(2, 4);
  RowMatrix topics(4, 2);
  topics << 8, 1, 4, 2, 2, 4, 1, 8;  // top three: 0 1 2 and 3 2 1
  model.set_topics(topics);
  test::Corpus corpus{.vocabulary = 4};
  corpus.documents = {{{0, 1}, {1, 2}}, {{0, 1}, {1, 1}, {2, 1}}, {{2, 5}}, {{3, 1}, {2, 1}}, {}};
  const auto found = lda::coherences(model, test::CorpusShard(corpus, {}, 2), Communicator(), 3);
  REQUIRE(found.size() == 2);
  // D: 0 -> 2, 1 -> 2, 2 -> 3, 3 -> 1; 01 -> 2, 02 -> 1, 12 -> 1, 32 -> 1, 31 -> 0
  CHECK(found[0].umass == Approx(std::log(3.0 / 2) + std::log(2.0 / 2) + std::log(2.0 / 2)));
  CHECK(found[1].umass == Approx(std::log(2.0 / 1) + std::log(1.0 / 1) + std::log(2.0 / 3)));
  const auto npmi = [](double both, double one, double other) {
    return std::log(both * 5 / (one * other)) / std::log(5 / both);
  };
  CHECK(found[0].npmi == Approx((npmi(2, 2, 2) + npmi(1, 2, 3) + npmi(1, 2, 3)) / 3));
  CHECK(found[1].npmi == Approx((npmi(1, 1, 3) - 1 + npmi(1, 3, 2)) / 3));
  // One word has no pair; more words than there are do no harm.
  CHECK(lda::coherences(model, test::CorpusShard(corpus), Communicator(), 1)[0].npmi == 0);
  CHECK(lda::coherences(model, test::CorpusShard(corpus), Communicator(), 100).size() == 2);
}

TEST_CASE("drawn documents follow the model", "[lda]") {
  LatentDirichletAllocation model = make(3, 5, 0.4);
  RowMatrix topics(5, 3);
  topics << 6, 1, 1, 1, 6, 1, 1, 1, 6, 1, 1, 1, 1, 1, 1;
  model.set_topics(topics);
  const lda::Sampler sampler(model, 30, 7);
  double tokens = 0, squares = 0;
  Vector words = Vector::Zero(5), mixtures = Vector::Zero(3);
  const int documents = 4000;
  for (Index n = 0; n < documents; ++n) {
    const auto drawn = sampler.draw(n);
    double length = 0;
    for (std::size_t i = 0; i < drawn.words.size(); ++i) {
      CHECK((i == 0 || drawn.words[i - 1] < drawn.words[i]));
      words[drawn.words[i]] += drawn.counts[i];
      length += drawn.counts[i];
    }
    tokens += length, squares += length * length;
    mixtures += drawn.mixture;
    CHECK(drawn.mixture[drawn.topic] == drawn.mixture.maxCoeff());
  }
  const double mean = tokens / documents;
  CHECK(mean == Approx(30).epsilon(0.02));
  CHECK(squares / documents - mean * mean == Approx(30).epsilon(0.1));
  CHECK((mixtures / documents - Vector::Constant(3, 1.0 / 3)).cwiseAbs().maxCoeff() < 0.02);
  CHECK((words / tokens - Vector(model.topic_means().rowwise().mean())).cwiseAbs().maxCoeff() < 0.01);
  CHECK(sampler.draw(17).words == sampler.draw(17).words);
  CHECK(lda::Sampler(model, 0, 7).draw(0).words.empty());
  CHECK(lda::Sampler(make(3, 5, 1e-6), 5, 7).draw(0).mixture.allFinite());
  CHECK(test::ending_of([&] { lda::Sampler(model, -1, 7); }).text ==
        "the mean length of documents is -1 (must be 0 or more)");
}
