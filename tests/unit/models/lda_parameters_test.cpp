#include <catch2/catch.hpp>

#include "jensen/fit/fit.hpp"
#include "jensen/models/lda/start.hpp"
#include "jensen/models/lda/stored_parameters.hpp"
#include "support/corpus.hpp"
#include "support/ending.hpp"

using namespace jensen;
using lda::LatentDirichletAllocation;
using lda::TopicKind;

namespace {

lda::Settings settings_of(Index topics, TopicKind kind = TopicKind::dirichlet) {
  return {
      .topics = topics, .kind = kind, .alpha = lda::symmetric(0.2, topics), .eta = lda::symmetric(0.05, 1)};
}

LatentDirichletAllocation fitted(TopicKind kind) {
  const test::Corpus corpus = test::drawn_corpus(40, 30, 3);
  lda::Settings settings = settings_of(3, kind);
  settings.learn_alpha = lda::Learning::asymmetric;
  LatentDirichletAllocation model(settings, corpus.vocabulary);
  lda::start_at_random(model, 4);
  fit(model, test::CorpusShard(corpus), Communicator(), {.stopping = {.max_iterations = 5}});
  return model;
}

Document saved(const LatentDirichletAllocation& model) {
  Document document;
  document.origin = "model.h5";
  model.save(document);
  return document;
}

std::string refused(const Document& document) {
  return test::ending_of([&] { lda::require_parameters(document); }).text;
}

/// The first number of an array replaced.
Document altered(Document document, const std::string& path, double value) {
  const NdArray array = document.array(path);
  std::vector<double> values(document.numbers(path).begin(), document.numbers(path).end());
  values[0] = value;
  document.set(path, values, array.shape);
  return document;
}

}  // namespace

TEST_CASE("saved parameters are read again", "[lda]") {
  for (const TopicKind kind : {TopicKind::dirichlet, TopicKind::point}) {
    const LatentDirichletAllocation model = fitted(kind);
    const Document document = saved(model);
    const lda::StoredParameters stored = lda::stored_parameters(document);
    CHECK(stored.topics == RowMatrix(model.topic_means().transpose()));
    CHECK(stored.alpha == model.alpha());
    CHECK((stored.topics_dirichlet.size() > 0) == (kind == TopicKind::dirichlet));
    lda::require_agreement(model, document);
    CHECK(model.sizes().sum() == Approx(test::drawn_corpus(40, 30, 3).tokens()));
    CHECK(document.text_attribute("/", "model") == "lda");
  }
}

TEST_CASE("parameters that no topic model has are refused with the place", "[lda]") {
  const Document document = saved(fitted(TopicKind::dirichlet));
  CHECK(refused(document).empty());
  CHECK(refused(altered(document, "/parameters/topics", -1)) ==
        "entry (0, 0) of '/parameters/topics' is -1 (must be positive and finite)");
  CHECK_THAT(refused(altered(document, "/parameters/topics", 0.9)),
             Catch::Contains("topic 0 in '/parameters/topics' adds up to"));
  CHECK(refused(altered(document, "/parameters/alpha", 0)) ==
        "entry 0 of '/parameters/alpha' is 0 (must be positive and finite)");
  CHECK(refused(altered(document, "/parameters/eta", -2)) ==
        "entry 0 of '/parameters/eta' is -2 (must be positive and finite)");
  CHECK(refused(altered(document, "/parameters/topics_dirichlet", 0)) ==
        "entry (0, 0) of '/parameters/topics_dirichlet' is 0 (must be positive and finite)");
  CHECK_THAT(
      refused(altered(document, "/parameters/topics_dirichlet", 5000)),
      Catch::Contains("but") && Catch::Contains("by '/parameters/topics_dirichlet' (must be the same)"));
  Document other = document;
  other.set("/parameters/alpha", Vector(Vector::Ones(2)));
  CHECK(refused(other) == "'/parameters/alpha' has 2 values (must be 3, one for each topic)");
  other = document;
  other.set("/parameters/topics_dirichlet", RowMatrix(RowMatrix::Ones(3, 7)));
  CHECK(refused(other) == "'/parameters/topics_dirichlet' has shape (3, 7) (must be (3, 30))");
  CHECK_THAT(refused(Document()), Catch::Contains("/parameters/topics"));
  CHECK_THAT(test::ending_of([&] { lda::stored_parameters(altered(document, "/parameters/alpha", 0)); }).text,
             Catch::StartsWith("'model.h5' cannot be used: entry 0"));
}

TEST_CASE("a model file of another fit is told from the state", "[lda]") {
  const LatentDirichletAllocation model = fitted(TopicKind::dirichlet);
  const Document document = saved(model);
  LatentDirichletAllocation other = model;
  other.set_alpha(model.alpha() * 1.001);
  CHECK_THAT(test::ending_of([&] { lda::require_agreement(other, document); }).text,
             Catch::Contains("alpha of topic 0 is"));
  RowMatrix topics = model.topic_word();
  topics(0, 0) *= 1.01;
  other = model;
  other.set_topics(topics);
  CHECK_THAT(test::ending_of([&] { lda::require_agreement(other, document); }).text,
             Catch::Contains("word 0 of topic 0 is"));
}

TEST_CASE("a saved state is valid, and an impossible one is refused", "[lda]") {
  for (const TopicKind kind : {TopicKind::dirichlet, TopicKind::point}) {
    LatentDirichletAllocation model = fitted(kind);
    const State state = save_state(model);
    const auto refuse = [&](const std::string& name, double value) {
      State other = state;
      other.numbers.at(name)[0] = value;
      LatentDirichletAllocation loaded(settings_of(3, kind), 30);
      load_state(loaded, other);
      return test::ending_of([&] { loaded.require_valid(); }).text;
    };
    CHECK(refuse("alpha", 0.5).empty());
    CHECK(refuse("alpha", -0.5) == "'/state/alpha' is not positive and finite everywhere (must be)");
    CHECK(refuse("eta", 0) == "'/state/eta' is not positive and finite everywhere (must be)");
    CHECK(refuse("sizes", -1) == "'/state/sizes' is not 0 or more and finite everywhere (must be)");
    CHECK(refuse("topic_word", 0) == "'/state/topic_word' is not positive and finite everywhere (must be)");
    CHECK(refuse("topic_word", 0.9).empty() == (kind == TopicKind::dirichlet));
  }
}

TEST_CASE("a fit goes on from a saved state with the same bits", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(40, 30, 3);
  const test::CorpusShard shard(corpus);
  lda::Settings settings = settings_of(3);
  settings.learn_alpha = lda::Learning::symmetric, settings.learn_eta = lda::Learning::asymmetric;
  LatentDirichletAllocation whole(settings, 30), first = whole, second = whole;
  lda::start_at_random(whole, 1), lda::start_at_random(first, 1);
  fit(whole, shard, Communicator(), {.stopping = {.max_iterations = 6}});
  FitResult half = fit(first, shard, Communicator(), {.stopping = {.max_iterations = 3}});
  load_state(second, save_state(first));
  fit(second, shard, Communicator(),
      {.resume_from = half.progress.before_evaluation(),
       .resume_objective = half.progress.objective(),
       .stopping = {.max_iterations = 6}});
  CHECK(save_state(second) == save_state(whole));
}

TEST_CASE("starts: random ones differ by seed, a model file gives its topics", "[lda]") {
  LatentDirichletAllocation one(settings_of(3), 30), same = one, other = one;
  lda::start_at_random(one, 1), lda::start_at_random(same, 1), lda::start_at_random(other, 2);
  CHECK(one.topic_word() == same.topic_word());
  CHECK(one.topic_word() != other.topic_word());
  CHECK(one.topic_word().minCoeff() > 0.5);

  const LatentDirichletAllocation dirichlet = fitted(TopicKind::dirichlet), points = fitted(TopicKind::point);
  lda::start_from_model(one, saved(dirichlet), 100);
  CHECK(one.topic_word() == dirichlet.topic_word());
  lda::start_from_model(one, saved(points), 100);
  CHECK(one.topic_word()(4, 2) == Approx(100 * points.topic_word()(4, 2) + 0.05));
  LatentDirichletAllocation point(settings_of(3, TopicKind::point), 30);
  lda::start_from_model(point, saved(dirichlet), 100);
  CHECK((point.topic_word() - dirichlet.topic_means()).cwiseAbs().maxCoeff() < 1e-15);
  LatentDirichletAllocation larger(settings_of(4), 30), wider(settings_of(3), 31);
  CHECK(
      test::ending_of([&] { lda::start_from_model(larger, saved(dirichlet), 1); }).text ==
      "'model.h5' has 3 topics of 30 words (must be 4 of 30, as in this fit); give --components or the data "
      "that it has");
  CHECK(test::ending_of([&] { lda::start_from_model(wider, saved(dirichlet), 1); }).code ==
        ExitCode::input_rejected);
}

TEST_CASE("starts: labels and documents give the words that they have", "[lda]") {
  const test::Corpus corpus = test::drawn_corpus(40, 30, 3);
  const test::CorpusShard shard(corpus, {}, 8);
  LatentDirichletAllocation model(settings_of(3), 30);
  const auto repairs =
      lda::start_from_labels(model, shard, Communicator(), [](Index n) { return n < 30 ? n % 3 : -1; });
  CHECK(repairs.empty());
  RowMatrix expected = RowMatrix::Constant(30, 3, 0.05);
  for (Index n = 0; n < 30; ++n) {
    for (const auto& [word, count] : corpus.documents[static_cast<std::size_t>(n)])
      expected(word, n % 3) += count;
  }
  CHECK((model.topic_word() - expected).cwiseAbs().maxCoeff() < 1e-12);

  LatentDirichletAllocation point(settings_of(2, TopicKind::point), 30);
  CHECK(lda::start_from_labels(point, shard, Communicator(), [](Index) { return 0; }).size() == 1);

  const std::vector<Index> drawn = lda::draw_documents(40, 3, 9);
  lda::start_from_documents(model, shard, Communicator(), 40, 9);
  RowMatrix seeded = RowMatrix::Ones(30, 3);
  for (std::size_t k = 0; k < 3; ++k) {
    for (const auto& [word, count] : corpus.documents[static_cast<std::size_t>(drawn[k])])
      seeded(word, static_cast<Index>(k)) += count;
  }
  CHECK(model.topic_word() == seeded);
  CHECK(lda::draw_documents(2, 5, 1).size() == 2);
  CHECK(lda::draw_documents(0, 5, 1).empty());
}
