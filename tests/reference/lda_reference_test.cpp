#include <boost/math/special_functions/digamma.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "jensen/fit/fit.hpp"
#include "jensen/models/lda/lda.hpp"
#include "support/corpus.hpp"
#include "support/world.hpp"

using namespace jensen;
using lda::LatentDirichletAllocation;

namespace {

constexpr Index kTopics = 10;

/// The start of the reference figures: 1 + ((7w + 13k) mod 17) / 17.
RowMatrix reference_start(Index words) {
  RowMatrix start(words, kTopics);
  for (Index w = 0; w < words; ++w) {
    for (Index k = 0; k < kTopics; ++k) start(w, k) = 1 + static_cast<double>((7 * w + 13 * k) % 17) / 17;
  }
  return start;
}

/// Objectives of iterations 0, 1 ...
std::vector<double> objectives(const test::Corpus& corpus, lda::Settings settings, Index iterations) {
  settings.topics = kTopics;
  LatentDirichletAllocation model(settings, corpus.vocabulary);
  model.set_topics(reference_start(corpus.vocabulary));
  const FitResult result =
      fit(model, test::CorpusShard(corpus), test::world(), {.stopping = {.max_iterations = iterations}});
  return result.progress.objectives;
}

void require_ascent(const std::vector<double>& objectives) {
  for (std::size_t t = 1; t < objectives.size(); ++t) {
    INFO("iteration " << t);
    CHECK(objectives[t] > objectives[t - 1]);
  }
}

Vector expected_logs(const Vector& gamma) {
  Vector logs = gamma;
  const double of_sum = boost::math::digamma(gamma.sum());
  for (double& value : logs) value = boost::math::digamma(value) - of_sum;
  return logs;
}

/// The bound of point topics where a document's gamma is one update after its phi, as lda-c leaves them.
double bound_of_phi_before_gamma(const LatentDirichletAllocation& model, const test::Corpus& corpus) {
  const test::CorpusShard shard(corpus, {}, static_cast<Index>(corpus.documents.size()));
  test::CorpusShard::Buffer buffer;
  const CountBlock block = shard.block(0, buffer);
  const RowMatrix log_topics = model.topic_word().array().log();
  double bound = 0;
  for (Index n = 0; n < block.documents(); ++n) {
    const WordCounts document = block.document(n);
    const Vector before = expected_logs(model.infer(document).gamma);
    Vector gamma = model.alpha();
    double entropy = 0;
    for (std::size_t i = 0; i < document.words.size(); ++i) {
      const Vector scores = before + log_topics.row(document.words[i]).transpose();
      const double norm = std::log(scores.array().exp().sum());
      const Vector phi = (scores.array() - norm).exp();
      gamma += document.counts[i] * phi;
      entropy += document.counts[i] * (norm - phi.dot(before));  // -sum phi log phi + phi log topic
    }
    bound += entropy;  // E[log theta] of phi and that of q(theta) cancel
    bound += std::lgamma(model.alpha().sum()) - std::lgamma(gamma.sum());
    for (Index k = 0; k < kTopics; ++k) bound += std::lgamma(gamma[k]) - std::lgamma(model.alpha()[k]);
  }
  return bound;
}

void skip_without_corpus() {
  WARN(
      "skipped: the corpus of the reference figures, ../shared/data/ap, is absent (JENSEN_AP_CORPUS names "
      "its folder)");
}

}  // namespace

TEST_CASE("full variational Bayes follows the reference figures", "[lda]") {
  const auto corpus = test::associated_press();
  if (!corpus) return skip_without_corpus();
  const auto found = objectives(*corpus,
                                {.most_sweeps = 500,
                                 .document_tolerance = 1e-9,
                                 .alpha = lda::symmetric(0.1, kTopics),
                                 .eta = lda::symmetric(0.01, 1)},
                                10);
  require_ascent(found);
  CHECK(found[0] == Approx(-4558206.4045).epsilon(1e-10));
  CHECK(found[1] == Approx(-3920058.8016).epsilon(1e-10));
  CHECK(found[2] == Approx(-3814114.3209).epsilon(1e-10));
  CHECK(found[5] == Approx(-3685759.0603).epsilon(1e-10));
  CHECK(found[10] == Approx(-3631299.9527).epsilon(1e-10));
}

TEST_CASE("point topics word by word have lda-c's digits", "[lda]") {
  const auto corpus = test::associated_press();
  if (!corpus) return skip_without_corpus();
  const auto found = objectives(*corpus,
                                {.kind = lda::TopicKind::point,
                                 .document_step = lda::DocumentStep::sequential,
                                 .most_sweeps = 20,
                                 .document_tolerance = 1e-6,
                                 .alpha = lda::symmetric(0.1F, kTopics)},
                                29);
  require_ascent(found);
  CHECK(found[0] == Approx(-4080045.6478).epsilon(1e-8));
  CHECK(found[1] == Approx(-3611456.6086).epsilon(1e-8));
  CHECK(found[2] == Approx(-3505105.7923).epsilon(1e-8));
  CHECK(found[3] == Approx(-3465821.0668).epsilon(1e-8));
  CHECK(found[4] == Approx(-3449006.7783).epsilon(1e-8));
  CHECK(found[9] == Approx(-3420145.5356).epsilon(1e-8));
  CHECK(found[19] == Approx(-3408231.4640).epsilon(1e-8));
  CHECK(found[29] == Approx(-3404510.3868).epsilon(1e-8));
}

TEST_CASE("point topics by whole blocks have the figures of the block update", "[lda]") {
  const auto corpus = test::associated_press();
  if (!corpus) return skip_without_corpus();
  // In lda-c's order the statistics are those of phi, which is one update behind gamma: 19 of ours, and gamma
  // once more.
  LatentDirichletAllocation model({.topics = kTopics,
                                   .kind = lda::TopicKind::point,
                                   .most_sweeps = 19,
                                   .document_tolerance = 0,
                                   .alpha = lda::symmetric(0.1F, kTopics)},
                                  corpus->vocabulary);
  model.set_topics(reference_start(corpus->vocabulary));
  const test::CorpusShard shard(*corpus);
  const std::map<Index, double> expected = {{1, -4090405.0616},  {2, -3663009.9709},  {3, -3559299.0909},
                                            {10, -3420596.4089}, {20, -3407260.8709}, {30, -3403545.6939}};
  for (Index iteration = 1; iteration <= 30; ++iteration) {
    model.prepare(0);
    if (const auto figure = expected.find(iteration); figure != expected.end()) {
      INFO("iteration " << iteration);
      // Later on the reference ends the sweeps of documents whose bound gains less than 1e-6.
      const double tolerance = iteration <= 3 ? 1e-7 : 3e-6;
      CHECK(bound_of_phi_before_gamma(model, *corpus) == Approx(figure->second).epsilon(tolerance));
    }
    lda::Sums sums = model.make_sums();
    accumulate(shard, test::world(), sums, [&](const CountBlock& block, Index, lda::Sums& own) {
      LatentDirichletAllocation::Cache cache;
      model.local_step(block, cache, own);
    });
    model.global_step(sums, 0);
  }
}
