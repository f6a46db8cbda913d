#include <catch2/catch.hpp>

#include "jensen/fit/fit.hpp"
#include "jensen/models/lda/coherence.hpp"
#include "jensen/models/lda/evaluation.hpp"
#include "jensen/models/lda/start.hpp"
#include "support/bit_collector.hpp"
#include "support/corpus.hpp"
#include "support/world.hpp"

using namespace jensen;
using lda::LatentDirichletAllocation;

namespace {

enum class From { random, labels, documents };

/// All that a fit and its evaluation yield, as bit patterns.
std::vector<std::uint64_t> bits_of(const lda::Settings& settings, From from, const test::Corpus& corpus,
                                   const Communicator& comm, Index block_documents) {
  const test::CorpusShard shard(corpus, comm, block_documents);
  const auto documents = static_cast<Index>(corpus.documents.size());
  LatentDirichletAllocation model(settings, corpus.vocabulary);
  std::vector<std::uint64_t> bits;
  test::BitCollector all(bits);
  if (from == From::random) lda::start_at_random(model, 5);
  if (from == From::labels)
    lda::start_from_labels(model, shard, comm, [&](Index n) { return n % (settings.topics + 1) - 1; });
  if (from == From::documents) lda::start_from_documents(model, shard, comm, documents, 5);
  all.add(save_state(model));
  const FitResult result = fit(model, shard, comm, {.stopping = {.max_iterations = 4}});
  all.add(result.progress.objectives);
  all.add(result.progress.changes);
  all.add(save_state(model));
  const lda::BoundScore bound = lda::score_by_bound(model, shard, comm);
  for (const double value : {bound.of_documents, bound.of_topics, bound.tokens, bound.documents})
    all.add(value);
  const lda::CompletionScore half = lda::complete(model, shard, comm, 3);
  for (const double value : {half.log_probability, half.tokens, half.documents}) all.add(value);
  for (const lda::Coherence& one : lda::coherences(model, shard, comm, 5))
    all.add(one.umass), all.add(one.npmi);
  return bits;
}

void require_same_bits(const lda::Settings& settings, From from, const test::Corpus& corpus,
                       Index block_documents = 8) {
  const auto alone = bits_of(settings, from, corpus, {}, block_documents);
  REQUIRE_ALL(bits_of(settings, from, corpus, test::world(), block_documents) == alone);
}

lda::Settings settings_of(Index topics) {
  return {.topics = topics, .alpha = lda::symmetric(0.2, topics), .eta = lda::symmetric(0.05, 1)};
}

}  // namespace

TEST_CASE("topic models from every start have the bits of a serial fit", "[bits]") {
  const test::Corpus corpus = test::drawn_corpus(130, 60, 4);
  for (const From from : {From::random, From::labels, From::documents}) {
    for (const auto kind : {lda::TopicKind::dirichlet, lda::TopicKind::point}) {
      for (const auto step : {lda::DocumentStep::block, lda::DocumentStep::sequential}) {
        lda::Settings settings = settings_of(5);
        settings.kind = kind, settings.document_step = step;
        require_same_bits(settings, from, corpus);
      }
    }
  }
}

TEST_CASE("learned concentrations, warm documents and batches have the bits of a serial fit", "[bits]") {
  const test::Corpus corpus = test::drawn_corpus(130, 60, 4);
  for (const auto learning : {lda::Learning::symmetric, lda::Learning::asymmetric}) {
    lda::Settings settings = settings_of(9);
    settings.learn_alpha = learning, settings.learn_eta = learning;
    require_same_bits(settings, From::random, corpus);
    settings.warm_start = true;
    require_same_bits(settings, From::random, corpus);
    settings.warm_start = false;
    settings.batches = {.documents = 130, .batch_documents = 30};
    require_same_bits(settings, From::random, corpus);
  }
}

TEST_CASE("ranks may have few documents or none", "[bits]") {
  for (const Index documents : {1, 2, 9, 33}) {
    for (const Index block_documents : {1, 3, 40})
      require_same_bits(settings_of(3), From::random, test::drawn_corpus(documents, 20, 2), block_documents);
  }
}
