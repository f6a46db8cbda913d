#include "jensen/data/count_shard.hpp"

#include <catch2/catch.hpp>
#include <cstdint>

#include "jensen/fit/model.hpp"

using namespace jensen;

static_assert(ShardOf<CountShard, CountBlock>);

namespace {

/// Document n has n % 5 words.
CountMatrix example(Index documents) {
  CountMatrix corpus{.vocabulary = 40};
  for (Index n = 0; n < documents; ++n) {
    for (Index i = 0; i < n % 5; ++i) {
      corpus.words.push_back(static_cast<std::int32_t>(7 * i + n % 7));
      corpus.counts.push_back(static_cast<double>(1 + (n + i) % 4));
    }
    corpus.offsets.push_back(static_cast<std::int64_t>(corpus.words.size()));
  }
  return corpus;
}

/// The part of rank `rank` of `size`.
CountShard part_of(const CountMatrix& corpus, int rank, int size, CountShard::Storage storage) {
  const CountBlockRule rule(corpus.documents(), corpus.offsets.back(), 8);
  const std::span offsets(corpus.offsets);
  CountShard shard({block_starts(rule, 0, offsets.first(offsets.size() - 1)), corpus.documents(),
                    corpus.offsets.back(), rank, size},
                   corpus.vocabulary, storage, {"a test", {}});
  const auto first = static_cast<std::size_t>(shard.first_document());
  shard.fill_offsets(0, offsets.subspan(first, static_cast<std::size_t>(shard.own_documents()) + 1));
  const auto entry = static_cast<std::size_t>(shard.partition().first_entry());
  const auto entries = static_cast<std::size_t>(shard.partition().own_entries());
  shard.fill(0, std::span(corpus.words).subspan(entry, entries),
             std::span(corpus.counts).subspan(entry, entries));
  return shard;
}

void require_same_document(const CountMatrix& corpus, Index n, const WordCounts& found) {
  const auto begin = static_cast<std::size_t>(corpus.offsets[static_cast<std::size_t>(n)]);
  const auto end = static_cast<std::size_t>(corpus.offsets[static_cast<std::size_t>(n) + 1]);
  REQUIRE(found.size() == static_cast<Index>(end - begin));
  for (std::size_t i = begin; i < end; ++i) {
    REQUIRE(found.words[i - begin] == corpus.words[i]);
    REQUIRE(found.counts[i - begin] == corpus.counts[i]);
  }
}

template <class T>
bool on_a_cache_line(std::span<const T> values) {
  return reinterpret_cast<std::uintptr_t>(values.data()) % 64 == 0;
}

}  // namespace

TEST_CASE("shards of all ranks hold the corpus", "[count_shard]") {
  const CountMatrix corpus = example(103);
  for (const auto storage : {CountShard::Storage::float32, CountShard::Storage::float64}) {
    for (const int size : {1, 2, 3, 7, 40}) {
      Index next = 0;
      for (int rank = 0; rank < size; ++rank) {
        const CountShard shard = part_of(corpus, rank, size, storage);
        CHECK(shard.documents() == 103);
        CHECK(shard.entries() == corpus.offsets.back());
        CHECK(shard.vocabulary() == 40);
        CHECK(shard.first_document() == next);
        CountShard::Buffer buffer;
        for (Index i = 0; i < shard.block_count(); ++i) {
          const CountBlock block = shard.block(i, buffer);
          REQUIRE(block.first_document == next);
          REQUIRE(block.vocabulary == 40);
          REQUIRE(block.documents() >= 1);
          REQUIRE(block.documents() <= 8);
          REQUIRE(on_a_cache_line(block.words));
          REQUIRE(on_a_cache_line(block.counts));
          for (Index d = 0; d < block.documents(); ++d)
            require_same_document(corpus, next + d, block.document(d));
          next += block.documents();
        }
      }
      CHECK(next == 103);
    }
  }
}

TEST_CASE("a serial shard holds the whole corpus", "[count_shard]") {
  const CountMatrix corpus = example(20);
  const CountShard shard = make_serial_shard(corpus, 6);
  CHECK(shard.block_count() == 4);
  CHECK(shard.own_documents() == 20);
  CountShard::Buffer buffer;
  const CountBlock last = shard.block(3, buffer);
  CHECK(last.first_document == 18);
  CHECK(last.documents() == 2);
  CHECK(last.entries() == 3 + 4);
  require_same_document(corpus, 19, last.document(1));
}

TEST_CASE("documents may all be empty", "[count_shard]") {
  const CountShard shard = make_serial_shard({.vocabulary = 3, .offsets = {0, 0, 0}});
  CountShard::Buffer buffer;
  Index documents = 0;
  for (Index i = 0; i < shard.block_count(); ++i) documents += shard.block(i, buffer).documents();
  CHECK(documents == 2);
}
