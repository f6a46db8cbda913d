#include <catch2/catch.hpp>

#include "jensen/io/corpus.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/io/results.hpp"
#include "support/example_corpus.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;

namespace {

io::LoadedCorpus load(const std::string& file, const Communicator& comm,
                      const io::CorpusReadOptions& options = {}) {
  return io::load_corpus(io::inspect_corpus(file, comm), options, comm);
}

void write(const std::string& file, const CountMatrix& corpus, const std::vector<std::string>& words = {}) {
  test::world().barrier();  // nobody reads an earlier one any more
  test::world().on_root([&] { io::write_corpus_file(file, "/corpus", corpus, words); });
}

/// Whether block i of one shard is block j of another, to the last bit.
bool same_block(const CountShard& a, Index i, const CountShard& b, Index j) {
  CountShard::Buffer one, other;
  const CountBlock x = a.block(i, one), y = b.block(j, other);
  bool same = x.first_document == y.first_document && x.vocabulary == y.vocabulary &&
              x.documents() == y.documents() &&
              std::equal(x.words.begin(), x.words.end(), y.words.begin(), y.words.end()) &&
              std::equal(x.counts.begin(), x.counts.end(), y.counts.begin(), y.counts.end());
  for (Index n = 0; same && n < x.documents(); ++n) same = x.document(n).size() == y.document(n).size();
  return same;
}

}  // namespace

TEST_CASE("a corpus is the same on any number of ranks", "[corpus]") {
  const test::TempDir directory;
  const std::string file = directory.file("c.h5");
  for (const Index documents : {1, 3, 700}) {
    write(file, test::example_corpus(documents), std::vector<std::string>(80, "word"));
    for (const Index block_documents : {0, 1, 64}) {
      const io::CorpusReadOptions options{.block_documents = block_documents, .piece_bytes = 500};
      const io::LoadedCorpus alone = load(file, {}, options);
      const Index before = io::rows_read();
      const io::LoadedCorpus corpus = load(file, test::world(), options);
      const CountPartition& partition = corpus.shard.partition();
      CHECK(partition.size() == test::world().size());
      CHECK(io::rows_read() - before == partition.own_documents());
      CHECK(partition.blocks() == alone.shard.block_count());
      CHECK(corpus.fingerprint == alone.fingerprint);
      CHECK(corpus.tokens == alone.tokens);
      CHECK(corpus.empty_documents == alone.empty_documents);
      CHECK(corpus.shard.info().words == alone.shard.info().words);
      CHECK(test::world().sum(corpus.shard.own_documents()) == documents);
      bool same = partition.blocks() == alone.shard.block_count();
      for (Index i = 0; same && i < corpus.shard.block_count(); ++i)
        same = same_block(corpus.shard, i, alone.shard, partition.first_block() + i);
      CHECK(same);
    }
  }
}

TEST_CASE("sums of fractional counts have the same bits on any number of ranks", "[corpus]") {
  const test::TempDir directory;
  const std::string file = directory.file("c.h5");
  CountMatrix corpus = test::example_corpus(300);
  for (std::size_t i = 0; i < corpus.counts.size(); ++i) corpus.counts[i] /= 3 + static_cast<double>(i % 7);
  write(file, corpus);
  const io::CorpusReadOptions options{.fractional_counts = true};
  CHECK(load(file, test::world(), options).tokens == load(file, {}, options).tokens);
}

TEST_CASE("a corpus that cannot be used gives one sentence on every rank", "[corpus]") {
  const test::TempDir directory;
  const std::string file = directory.file("c.h5");
  const CountMatrix sound = test::example_corpus(400);
  const auto refusal_of = [&](const CountMatrix& corpus) {
    write(file, corpus);
    ExitCode code = ExitCode::success;
    const std::string sentence = test::sentence_of([&] { load(file, test::world()); }, &code);
    CHECK(code == ExitCode::input_rejected);
    CHECK(sentence == test::sentence_of([&] { load(file, {}); }));
    return sentence;
  };
  const auto document = static_cast<std::size_t>(sound.offsets[399]);  // the last, which has entries
  CountMatrix corpus = sound;
  corpus.words[document] = 80;
  CHECK_THAT(refusal_of(corpus),
             Catch::Contains("has in document 399 word 80 (must be 0 to 79; documents and "
                             "words count from 0); correct 'indices' or the shape"));
  corpus = sound;
  corpus.counts[document] = -1;
  corpus.counts[static_cast<std::size_t>(sound.offsets[200])] = 0.5;
  corpus.counts[static_cast<std::size_t>(sound.offsets[201])] = 0.5;
  CHECK_THAT(refusal_of(corpus), Catch::Contains("in document 200 the count 0.5 of word") &&
                                     Catch::Contains("3 documents have faults"));
  corpus = sound;
  std::swap(corpus.offsets[300], corpus.offsets[310]);
  CHECK_THAT(refusal_of(corpus), Catch::Contains("indptr' falls behind position 300 (numbered from 0"));
  CHECK_THAT(test::sentence_of([&] { io::inspect_corpus(file + ":/absent", test::world()); }),
             Catch::Contains("c.h5:/absent' is no corpus"));
}

TEST_CASE("a corpus that one rank alone cannot read is refused on every rank", "[corpus]") {
  const test::TempDir directory;
  const std::string file = directory.file("c.h5");
  write(file, test::example_corpus(400));
  io::CorpusFileInfo info = io::inspect_corpus(file, test::world());
  if (test::world().rank() == test::world().size() - 1) info.file = directory.file("absent.h5");
  CHECK_THAT(test::sentence_of([&] { io::load_corpus(info, {}, test::world()); }),
             Catch::Contains("absent.h5' (No such file or directory)"));
  info = io::inspect_corpus(file, test::world());
  write(file, test::example_corpus(401));
  CHECK_THAT(test::sentence_of([&] { io::load_corpus(info, {}, test::world()); }),
             Catch::Contains("changed while jensen was reading it"));
}

TEST_CASE("results of documents come into their order", "[corpus]") {
  const test::TempDir directory;
  const std::string file = directory.file("c.h5"), out = directory.file("out.h5");
  for (const Index documents : {2, 700}) {
    write(file, test::example_corpus(documents));
    for (const std::int64_t piece_bytes : {1, 500, 1 << 20}) {
      const CountShard shard = load(file, test::world()).shard;
      io::ResultsWriter writer(out, shard.partition(),
                               {{.name = "first_word"}, {.name = "mixtures", .width = 2}}, {}, test::world(),
                               piece_bytes);
      CountShard::Buffer buffer;
      for (Index round = 0; round < writer.rounds(); ++round) {
        const auto rows = writer.rows(round);
        std::vector<double> words, mixtures;
        for (Index i = rows.first_block; i < rows.first_block + rows.block_count; ++i) {
          const CountBlock block = shard.block(i, buffer);
          for (Index n = 0; n < block.documents(); ++n) {
            const WordCounts entries = block.document(n);
            words.push_back(entries.size() == 0 ? -1 : entries.words.front());
            mixtures.push_back(static_cast<double>(block.first_document + n));
            mixtures.push_back(static_cast<double>(entries.size()));
          }
        }
        writer.write("first_word", round, std::span<const double>(words));
        writer.write("mixtures", round, std::span<const double>(mixtures));
      }
      writer.finish();
      const CountMatrix expected = test::example_corpus(documents);
      const DenseShard found = io::load(io::inspect(out + ":/mixtures", {}), {}, {}).shard;
      bool same = true;
      for (Index n = 0; n < documents; ++n) {
        const auto i = static_cast<std::size_t>(n);
        const RowVector record = found.original_record(n);
        same = same && record[0] == static_cast<double>(n) &&
               record[1] == static_cast<double>(expected.offsets[i + 1] - expected.offsets[i]);
      }
      CHECK(same);
      test::world().barrier();  // nobody reads it any more
    }
  }
}
