#include "io/corpus_builder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "io/corpus_words.hpp"
#include "support/example_corpus.hpp"

using namespace jensen;
using io::CorpusBuilder;

namespace {

struct Entry {
  Index document;
  std::int64_t word;
  double count;
};

std::vector<Entry> entries_of(const CountMatrix& corpus) {
  std::vector<Entry> entries;
  for (Index n = 0; n < corpus.documents(); ++n) {
    const auto at = static_cast<std::size_t>(n);
    for (auto i = static_cast<std::size_t>(corpus.offsets[at]);
         i < static_cast<std::size_t>(corpus.offsets[at + 1]); ++i)
      entries.push_back({n, corpus.words[i], corpus.counts[i]});
  }
  return entries;
}

void require_same(const CountMatrix& a, const CountMatrix& b) {
  REQUIRE(a.vocabulary == b.vocabulary);
  REQUIRE(a.offsets == b.offsets);
  REQUIRE(a.words == b.words);
  REQUIRE(a.counts == b.counts);
}

}  // namespace

TEST_CASE("entries in any order make the same corpus", "[corpus_builder]") {
  const CountMatrix corpus = test::example_corpus(200);
  std::vector<Entry> entries = entries_of(corpus);
  std::mt19937 random(1);
  for (int turn = 0; turn < 3; ++turn) {
    CorpusBuilder builder;
    for (const Entry& entry : entries) builder.add(entry.document, entry.word, entry.count);
    CHECK(builder.words_seen() == 80);
    require_same(builder.finish(200, 80), corpus);
    CHECK(builder.repetitions() == 0);
    std::shuffle(entries.begin(), entries.end(), random);
  }
}

TEST_CASE("repetitions are added up, zeros are dropped", "[corpus_builder]") {
  CorpusBuilder builder;
  for (const Entry& entry :
       std::vector<Entry>{{2, 5, 1}, {0, 3, 2}, {2, 1, 4}, {2, 5, 0.5}, {1, 0, 0}, {2, 5, 1}, {0, 5, 1}})
    builder.add(entry.document, entry.word, entry.count);
  const CountMatrix corpus = builder.finish(4, 6);
  CHECK(corpus.offsets == std::vector<std::int64_t>{0, 2, 2, 4, 4});
  CHECK(corpus.words == std::vector<std::int32_t>{3, 5, 1, 5});
  CHECK(corpus.counts == std::vector<double>{2, 1, 4, 2.5});
  CHECK(builder.repetitions() == 2);
  CHECK(builder.zeros() == 1);
}

TEST_CASE("words take other numbers", "[corpus_builder]") {
  CorpusBuilder builder;
  CHECK(builder.words_seen() == 0);
  builder.add(0, 1, 1);
  builder.add(0, 3, 2);
  builder.count_from_zero();
  CHECK(builder.words_seen() == 3);
  builder.renumber({7, -1, 4});
  const CountMatrix corpus = builder.finish(1, 8);
  CHECK(corpus.words == std::vector<std::int32_t>{4, 7});
  CHECK(corpus.counts == std::vector<double>{2, 1});
}

TEST_CASE("words are dropped by the number of their documents and by their names", "[corpus_builder]") {
  const CountMatrix corpus = test::example_corpus(300, 40);
  std::vector<std::string> names;
  for (int word = 0; word < 40; ++word) names.push_back("w" + std::to_string(word));
  const auto entries = entries_of(corpus);
  const auto documents_of = [&](std::int64_t word) {
    return std::count_if(entries.begin(), entries.end(),
                         [&](const Entry& entry) { return entry.word == word; });
  };
  for (const auto& [least, share] : {std::pair{0, 1.0}, {40, 1.0}, {0, 0.2}, {40, 0.25}, {1000, 1.0}}) {
    CAPTURE(least, share);
    CountMatrix kept = corpus;
    std::vector<std::string> words = names;
    const auto dropped =
        io::drop_words({.minimum_documents = least, .maximum_share = share}, {"w7", "w8"}, kept, words);
    CorpusBuilder builder;
    std::vector<std::string> expected;
    for (std::int64_t word = 0; word < 40; ++word) {
      const double documents = static_cast<double>(documents_of(word));
      if (word == 7 || word == 8 || documents < least || documents > share * 300) continue;
      for (const Entry& entry : entries)
        if (entry.word == word)
          builder.add(entry.document, static_cast<std::int64_t>(expected.size()), entry.count);
      expected.push_back(names[static_cast<std::size_t>(word)]);
    }
    CHECK(words == expected);
    require_same(kept, builder.finish(300, static_cast<Index>(expected.size())));
    CHECK(dropped.words == 40 - kept.vocabulary);
    double tokens = dropped.tokens;
    for (const double count : kept.counts) tokens += count;
    for (const double count : corpus.counts) tokens -= count;
    CHECK(tokens == 0);
  }
}
