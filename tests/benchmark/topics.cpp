#include <map>

#include "bench.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/models/lda/evaluation.hpp"
#include "jensen/models/lda/lda.hpp"
#include "jensen/models/lda/start.hpp"
#include "support/corpus.hpp"

namespace bench {
namespace {

using namespace jensen;
using lda::LatentDirichletAllocation;

/// As small corpora have them: 256 blocks.
Index block_documents(const test::Corpus& corpus) {
  return std::max<Index>(1, static_cast<Index>(corpus.documents.size()) / 256);
}

LatentDirichletAllocation model_of(const Json& request, Index vocabulary) {
  const Index components = request.at("components");
  return LatentDirichletAllocation({.topics = components,
                                    .most_sweeps = request.at("sweeps"),
                                    .document_tolerance = request.at("tolerance"),
                                    .alpha = lda::symmetric(request.at("alpha"), components),
                                    .eta = lda::symmetric(request.at("eta"), 1)},
                                   vocabulary);
}

/// The same start for all programs.
LatentDirichletAllocation start_of(const Json& request, const test::Corpus& corpus) {
  LatentDirichletAllocation model = model_of(request, corpus.vocabulary);
  RowMatrix start(model.words(), model.topics());
  for (Index w = 0; w < model.words(); ++w) {
    for (Index k = 0; k < model.topics(); ++k)
      start(w, k) = 1 + static_cast<double>((7 * w + 13 * k) % 17) / 17;
  }
  model.set_topics(start);
  return model;
}

/// Seconds of the E-step of every document, and its entries times sweeps.
std::pair<double, double> documents_alone(const LatentDirichletAllocation& model,
                                          const test::CorpusShard& shard) {
  lda::Sums sums = model.make_sums();
  LatentDirichletAllocation::Cache cache;
  test::CorpusShard::Buffer buffer;
  double seconds = 0, work = 0;
  for (Index i = 0; i < shard.block_count(); ++i) {
    const CountBlock block = shard.block(i, buffer);
    sums.clear();
    const Stopwatch watch;
    model.local_step(block, cache, sums);
    seconds += watch.seconds();
    for (Index n = 0; n < block.documents(); ++n) {
      const WordCounts document = block.document(n);
      work += static_cast<double>(document.size() * model.infer(document).sweeps);
    }
  }
  return {seconds, work};
}

/// V x K numbers of a data set.
RowMatrix read_topics(const std::string& name) {
  const DenseShard shard = io::load(io::inspect(name, {}), {}, {}).shard;
  RowMatrix topics(shard.global_records(), shard.features());
  for (Index w = 0; w < topics.rows(); ++w) topics.row(w) = shard.original_record(w);
  return topics;
}

}  // namespace

Json held_out(const Json& request) {
  const Index vocabulary = request.at("words");
  LatentDirichletAllocation model = model_of(request, vocabulary);
  if (request.contains("topics")) {
    model.set_topics(read_topics(request.at("topics")));
  } else {
    const test::Corpus corpus = test::read_lda_c(request.at("file"), vocabulary).value();
    lda::start_at_random(model, 1);
    fit(model, test::CorpusShard(corpus, {}, block_documents(corpus)), {},
        {.stopping = {.max_iterations = request.at("iterations")}});
  }
  model.prepare(0);
  const test::Corpus unseen = test::read_lda_c(request.at("held_out"), vocabulary).value();
  const test::CorpusShard shard(unseen, {}, block_documents(unseen));
  return {{"bound", lda::score_by_bound(model, shard, {}).perplexity()},
          {"completion", lda::complete(model, shard, {}, 1).perplexity()}};
}

Json topics(const Json& request, Index iterations) {
  static std::map<std::string, test::Corpus> corpora;
  const std::string file = request.at("file");
  if (!corpora.contains(file)) corpora[file] = test::read_lda_c(file, request.at("words")).value();
  const test::Corpus& corpus = corpora[file];
  const test::CorpusShard shard(corpus, {}, block_documents(corpus));
  LatentDirichletAllocation model = start_of(request, corpus), again = model;
  const FitResult result = fit(model, shard, {}, {.stopping = {.max_iterations = iterations}});
  const std::vector<double>& elapsed = result.progress.elapsed_seconds;
  std::vector<double> seconds, document_seconds, works;
  for (std::size_t t = 1; t < elapsed.size(); ++t) seconds.push_back(elapsed[t] - elapsed[t - 1]);
  for (Index t = 0; t < iterations; ++t) {
    // The same iterations once more.
    fit(again, shard, {}, {.stopping = {.max_iterations = 1}});
    const auto [spent, work] = documents_alone(again, shard);
    document_seconds.push_back(spent);
    works.push_back(work);
  }
  double entries = 0;
  for (const auto& document : corpus.documents) entries += static_cast<double>(document.size());
  return {
      {"documents", corpus.documents.size()}, {"entries", entries}, {"seconds", seconds},
      {"document_seconds", document_seconds}, {"work", works},      {"elbo", result.progress.objective()}};
}

}  // namespace bench
