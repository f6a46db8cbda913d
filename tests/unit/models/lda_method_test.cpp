#include <catch2/catch.hpp>

#include "jensen/fit/fit.hpp"
#include "jensen/models/lda/method.hpp"
#include "jensen/models/lda/start.hpp"
#include "support/corpus.hpp"
#include "support/ending.hpp"

using namespace jensen;

namespace {

std::string refused(const lda::Options& options, Index topics = 3) {
  return test::ending_of([&] { lda::Method::make(options, topics, 10, 20, 1); }).text;
}

}  // namespace

TEST_CASE("options of topic models mean settings", "[lda]") {
  CHECK(lda::make_settings({}, 4, 9, 1).alpha == lda::symmetric(0.25, 4));
  CHECK(lda::make_settings({}, 4, 9, 1).eta == lda::symmetric(0.25, 1));
  CHECK(lda::make_settings({.alpha = "0.3"}, 2, 9, 1).alpha == lda::symmetric(0.3, 2));
  CHECK(lda::make_settings({.alpha = "1,2"}, 2, 9, 1).alpha == Vector(Eigen::Vector2d(1, 2)));
  CHECK(lda::make_settings({.alpha = "learned-asymmetric"}, 2, 9, 1).learn_alpha ==
        lda::Learning::asymmetric);
  CHECK(lda::make_settings({.alpha = "learned"}, 2, 9, 1).learn_alpha == lda::Learning::symmetric);
  CHECK(lda::make_settings({.eta = "learned"}, 2, 9, 1).learn_eta == lda::Learning::symmetric);
  CHECK(lda::make_settings({.eta = "learned-asymmetric"}, 2, 9, 1).learn_eta == lda::Learning::asymmetric);
  CHECK(lda::make_settings({.eta = "0.02"}, 2, 9, 1).eta == lda::symmetric(0.02, 1));
  const Vector prior = Eigen::Vector3d(1, 2, 3);
  CHECK(lda::make_settings({.eta = "/prior"}, 2, 9, 1, prior).eta == prior);
  CHECK(lda::word_prior_of({.eta = "words.h5:/prior"}) == "words.h5:/prior");
  CHECK(lda::word_prior_of({.eta = "1/K"}).empty());
  CHECK(lda::make_settings({.batch = 3}, 2, 9, 1).batches.count() == 3);
  CHECK(lda::make_settings({.document_step = "sequential"}, 2, 9, 1).document_step ==
        lda::DocumentStep::sequential);
}

TEST_CASE("options of topic models that cannot be are refused", "[lda]") {
  CHECK(refused({}).empty());
  CHECK(refused({.topics = "dots"}) == "topics = 'dots' (must be dirichlet or point)");
  CHECK(refused({.document_step = "random"}) == "document-step = 'random' (must be block or sequential)");
  CHECK(refused({.alpha = "much"}) ==
        "alpha = 'much' (must be positive numbers parted by commas, 1/K, learned or learned-asymmetric)");
  CHECK(refused({.alpha = "1,2"}) == "alpha has 2 values (must be 1, or 3: one for each topic)");
  CHECK(refused({.alpha = "0"}) == "alpha = 0 (must be positive and finite)");
  CHECK(refused({.eta = "0.1x"}) ==
        "eta = '0.1x' (must be a positive number, a data set, 1/K, learned or learned-asymmetric)");
  CHECK(refused({.topics = "point", .eta = "learned"}) ==
        "eta = learned, but point topics have no prior; leave out --eta or --topics point");
  CHECK(refused({.document_step = "sequential", .warm_documents = true}) ==
        "documents start warm only with --document-step block; leave out --warm-documents");
  CHECK(refused({}, 0) == "components = 0 (must be at least 1)");
}

TEST_CASE("the table of topics has the largest first, with their words", "[lda]") {
  const test::Corpus corpus = test::block_diagonal();
  const test::CorpusShard shard(corpus);
  auto model = lda::Method::make({.alpha = "0.1"}, 3, 9, 9, 1);
  lda::start_from_labels(model, shard, Communicator(), [](Index n) { return n < 6 ? 1 : 2; });
  Document document;
  model.save(document);
  model.prepare(0);
  lda::Method::evaluate(model, {}, shard, Communicator(), document);
  std::vector<std::string> names;
  for (const char c : std::string("abcdefghi")) names.emplace_back(1, c);
  document.set("/data/vocabulary", NdArray{{9}, names});
  const Table table = lda::Method::component_table(document);
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[0] ==
        std::vector<std::string>{"1", "54.0", "0.6667", "0.1", table.rows[0][4], "a b c d e f g h"});
  CHECK(table.rows[1][0] == "2");
  CHECK(table.rows[1][5] == "g h i a b c d e");
  CHECK(table.rows[2][1] == "0.0");
  CHECK(document.number_attribute("/fit", "total_weight") == 81);
  CHECK(document.number_attribute("/fit", "perplexity_bound") > 3);
  CHECK(document.number_attribute("/fit", "perplexity_completion") > 1);
  CHECK(document.vector("/fit/coherence_npmi").size() == 3);
}

TEST_CASE("a corpus without tokens is evaluated without perplexities", "[lda]") {
  const test::Corpus corpus{.vocabulary = 3, .documents = {{}, {}}};
  auto model = lda::Method::make({}, 2, 3, 2, 1);
  Document document;
  model.prepare(0);
  lda::Method::evaluate(model, {}, test::CorpusShard(corpus), Communicator(), document);
  CHECK_FALSE(document.has_attribute("/fit", "perplexity_bound"));
  CHECK_FALSE(document.has_attribute("/fit", "perplexity_completion"));
  CHECK(document.integer_attribute("/fit", "records") == 2);
}
