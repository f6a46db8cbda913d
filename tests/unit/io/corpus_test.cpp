#include "jensen/io/corpus.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

#include "jensen/io/dataset.hpp"
#include "support/example_corpus.hpp"
#include "support/file_size_limit.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using Catch::Contains;
using test::sentence_of;
using test::TempDir;

namespace {

/// A corpus as it lies in a file, right or wrong.
struct Arrays {
  std::vector<std::int64_t> indptr = {0, 2, 2, 5};
  std::vector<std::int64_t> indices = {0, 3, 1, 2, 3};
  std::vector<double> data = {1, 2, 3, 1, 7};
  std::vector<std::int64_t> shape = {3, 4};
  hid_t data_type = -1;
  std::vector<hsize_t> chunk = {};

  void write(const std::string& file, const std::string& group = "corpus") const {
    const test::Handle out = io::create_output(file);
    add(out.get(), group);
  }
  void add(hid_t out, const std::string& group) const {
    test::add_dataset(out, group + "/indptr", {.shape = size_of(indptr), .chunk = chunk}, indptr);
    test::add_dataset(out, group + "/indices", {.shape = size_of(indices), .chunk = chunk}, indices);
    test::add_dataset(out, group + "/data", {.shape = size_of(data), .type = data_type, .chunk = chunk},
                      data);
    if (!shape.empty()) test::add_dataset(out, group + "/shape", {.shape = size_of(shape)}, shape);
  }

 private:
  template <class T>
  static std::vector<Index> size_of(const std::vector<T>& values) {
    return {static_cast<Index>(values.size())};
  }
};

io::LoadedCorpus load(const std::string& name, const io::CorpusReadOptions& options = {}) {
  return io::load_corpus(io::inspect_corpus(name, {}), options, {});
}

/// The corpus that a shard of one rank holds.
CountMatrix matrix_of(const CountShard& shard) {
  CountMatrix corpus{.vocabulary = shard.vocabulary()};
  CountShard::Buffer buffer;
  for (Index i = 0; i < shard.block_count(); ++i) {
    const CountBlock block = shard.block(i, buffer);
    for (Index n = 0; n < block.documents(); ++n) {
      const WordCounts document = block.document(n);
      corpus.words.insert(corpus.words.end(), document.words.begin(), document.words.end());
      corpus.counts.insert(corpus.counts.end(), document.counts.begin(), document.counts.end());
      corpus.offsets.push_back(static_cast<std::int64_t>(corpus.words.size()));
    }
  }
  return corpus;
}

void require_same(const CountMatrix& a, const CountMatrix& b) {
  REQUIRE(a.vocabulary == b.vocabulary);
  REQUIRE(a.offsets == b.offsets);
  REQUIRE(a.words == b.words);
  REQUIRE(a.counts == b.counts);
}

std::string refusal_of(const Arrays& arrays, const io::CorpusReadOptions& options = {}) {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  arrays.write(file);
  ExitCode code = ExitCode::success;
  std::string sentence = sentence_of([&] { load(file, options); }, &code);
  CHECK(code == ExitCode::input_rejected);
  return sentence;
}

}  // namespace

TEST_CASE("a corpus that was written is read again", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  const CountMatrix corpus = test::example_corpus(500);
  std::vector<std::string> words;
  for (Index word = 0; word < corpus.vocabulary; ++word)
    words.push_back("wort" + std::to_string(word) + "\xc3\xa9");
  io::write_corpus_file(file, "/deep/corpus", corpus, words);
  CHECK(test::entries(directory.path()) == 1);
  const io::CorpusFileInfo info = io::inspect_corpus(file, {});
  CHECK(info.name() == file + ":/deep/corpus");
  CHECK(info.documents == 500);
  CHECK(info.vocabulary == 80);
  CHECK(info.entries == corpus.offsets.back());
  CHECK(info.storage == CountShard::Storage::float32);
  CHECK(info.words == words);
  for (const std::int64_t piece_bytes : {8, 100, 1 << 20}) {
    const io::LoadedCorpus loaded = io::load_corpus(info, {.piece_bytes = piece_bytes}, {});
    require_same(matrix_of(loaded.shard), corpus);
    CHECK(loaded.tokens == std::accumulate(corpus.counts.begin(), corpus.counts.end(), 0.0));
    CHECK(loaded.empty_documents >= 45);
    CHECK(loaded.shard.block_count() > 100);
    CHECK(loaded.shard.info().source == file + ":/deep/corpus");
  }
}

TEST_CASE("counts are stored as the smallest type that holds them", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  const auto stored = [&](double count) {
    io::write_corpus_file(file, "/corpus",
                          {.vocabulary = 2, .offsets = {0, 1, 2}, .words = {0, 1}, .counts = {1, count}});
    const io::LoadedCorpus loaded = load(file, {.fractional_counts = true});
    CHECK(matrix_of(loaded.shard).counts == std::vector<double>{1, count});
    return io::inspect_corpus(file, {}).storage;
  };
  CHECK(stored(65535) == CountShard::Storage::float32);
  CHECK(stored(65536) == CountShard::Storage::float64);
  CHECK(stored(2147483648.0) == CountShard::Storage::float64);
  CHECK(stored(0.1) == CountShard::Storage::float64);
}

TEST_CASE("blocks have as many documents as asked for", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  io::write_corpus_file(file, "/corpus", test::example_corpus(100));
  CHECK(load(file, {.block_documents = 30}).shard.block_count() == 4);
}

TEST_CASE("chunked and compressed arrays of any type are read", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  Arrays arrays;
  arrays.write(file);
  const CountMatrix expected = matrix_of(load(file).shard);
  const auto fingerprint = load(file).fingerprint;
  arrays.chunk = {2};
  for (const hid_t type : {H5T_STD_U8LE, H5T_STD_I64BE, H5T_IEEE_F32LE, H5T_IEEE_F64BE}) {
    arrays.data_type = type;
    arrays.write(file);
    for (const std::int64_t piece_bytes : {8, 1 << 20}) {
      const io::LoadedCorpus loaded = load(file, {.piece_bytes = piece_bytes});
      require_same(matrix_of(loaded.shard), expected);
      CHECK(loaded.fingerprint == fingerprint);
    }
  }
}

TEST_CASE("the fingerprint follows every part of a corpus", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  const auto fingerprint_of = [&](const Arrays& arrays) {
    arrays.write(file);
    return load(file).fingerprint;
  };
  std::vector<std::array<std::uint64_t, 2>> all;
  all.push_back(fingerprint_of({}));
  CHECK(fingerprint_of({}) == all.front());
  all.push_back(fingerprint_of({.indptr = {0, 2, 3, 5}}));
  all.push_back(fingerprint_of({.indptr = {0, 0, 2, 5}}));
  all.push_back(fingerprint_of({.indptr = {0, 2, 2, 5, 5}, .shape = {4, 4}}));
  all.push_back(fingerprint_of({.indices = {0, 2, 1, 2, 3}}));
  all.push_back(fingerprint_of({.data = {2, 1, 3, 1, 7}}));
  all.push_back(fingerprint_of({.indices = {3, 0, 1, 2, 3}, .data = {2, 1, 3, 1, 7}}));  // the same words
  all.push_back(fingerprint_of({.shape = {3, 5}}));
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      CHECK(all[i][0] != all[j][0]);
      CHECK(all[i][1] != all[j][1]);
    }
  }
}

TEST_CASE("a group is found by its name, or as the only one", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  {
    const test::Handle out = io::create_output(file);
    Arrays().add(out.get(), "a/b");
    CHECK(H5Fflush(out.get(), H5F_SCOPE_GLOBAL) >= 0);
    test::add_dataset(out.get(), "dense", {.shape = {2, 2}}, std::vector<double>{1, 2, 3, 4});
  }
  CHECK(io::holds_corpus(file));
  CHECK(io::inspect_corpus(file, {}).group == "/a/b");
  CHECK(io::inspect_corpus(file + ":/a/b/", {}).group == "/a/b");
  CHECK_THAT(sentence_of([&] { io::inspect_corpus(file + ":/dense", {}); }),
             Contains("c.h5:/dense' is no corpus") && Contains("in the file /a/b is one"));
  {
    const test::Handle out = io::create_output(file);
    Arrays().add(out.get(), "a");
    Arrays().add(out.get(), "b");
  }
  CHECK(io::inspect_corpus(file + ":/b", {}).group == "/b");
  CHECK_THAT(sentence_of([&] { io::inspect_corpus(file, {}); }),
             Contains("holds 2 sparse matrices: /a, /b; name one, as in") && Contains("c.h5:/a"));
  CHECK_THAT(sentence_of([&] { io::inspect(file, {}); }),
             Contains("holds no numeric data set of two dimensions, but a corpus, '/a'"));
  Arrays().write(file, "/");
  CHECK(io::inspect_corpus(file, {}).group == "/");
  CHECK(load(file).tokens == 14);
  {
    const test::Handle out = io::create_output(file);
    test::add_dataset(out.get(), "dense", {.shape = {2, 2}}, std::vector<double>{1, 2, 3, 4});
  }
  CHECK_FALSE(io::holds_corpus(file));
  CHECK_THAT(sentence_of([&] { io::inspect_corpus(file, {}); }), Contains("holds no corpus") &&
                                                                     Contains("it holds /dense (2 x 2)") &&
                                                                     Contains("'jensen import'"));
  test::write_file(directory.file("text"), "no corpus");
  CHECK_FALSE(io::holds_corpus(directory.file("text")));
  CHECK_FALSE(io::holds_corpus(directory.path()));
  CHECK_FALSE(io::holds_corpus(directory.file("absent")));
}

TEST_CASE("a matrix of AnnData is a corpus", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("a.h5ad");
  const auto write = [&](const std::string& encoding, const std::vector<std::int64_t>& shape) {
    Arrays arrays;
    arrays.shape.clear();
    const test::Handle out = io::create_output(file);
    arrays.add(out.get(), "X");
    const test::Handle group(H5Oopen(out.get(), "X", H5P_DEFAULT), H5Oclose);
    const test::Handle space = io::make_space({2}), scalar = io::make_space({});
    const test::Handle attribute(
        H5Acreate2(group.get(), "shape", H5T_STD_I64LE, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    H5Awrite(attribute.get(), H5T_NATIVE_INT64, shape.data());
    const test::Handle type = io::text_type();
    const test::Handle text(
        H5Acreate2(group.get(), "encoding-type", type.get(), scalar.get(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    const char* const value = encoding.c_str();
    H5Awrite(text.get(), type.get(), &value);
  };
  write("csr_matrix", {3, 4});
  const io::CorpusFileInfo info = io::inspect_corpus(file, {});
  CHECK(info.group == "/X");
  CHECK(info.documents == 3);
  CHECK(info.vocabulary == 4);
  CHECK(load(file).tokens == 14);
  write("csc_matrix", {4, 3});
  CHECK_THAT(sentence_of([&] { io::inspect_corpus(file, {}); }),
             Contains("a.h5ad:/X' is stored as 'csc_matrix' (must be 'csr_matrix'") && Contains("tocsr()"));
}

TEST_CASE("headers that do not fit are refused", "[corpus]") {
  CHECK_THAT(refusal_of({.shape = {}}), Contains("c.h5:/corpus' has no 'shape'"));
  CHECK_THAT(refusal_of({.shape = {3, 4, 1}}), Contains("corpus/shape' does not hold two integers"));
  CHECK_THAT(
      refusal_of({.shape = {2, 4}}),
      Contains(
          "indptr' has 4 values (must be 3, one more than the 2 documents of the shape 2 x 4); correct"));
  CHECK_THAT(refusal_of({.shape = {4, 3}}), Contains("it seems to hold columns: transpose"));
  CHECK_THAT(refusal_of({.indptr = {0}, .indices = {}, .data = {}, .shape = {0, 4}}),
             Contains("c.h5:/corpus' has no documents (must have one at least)"));
  CHECK_THAT(refusal_of({.indptr = {0, 0, 0}, .indices = {}, .data = {}, .shape = {2, 4}}),
             Contains("has no tokens: none of its 2 documents has a word"));
  CHECK_THAT(refusal_of({.indptr = {1, 2, 2, 5}}), Contains("indptr' begins with 1 (must begin with 0)"));
  CHECK_THAT(refusal_of({.indptr = {0, 2, 2, 4}}),
             Contains("indptr' ends with 4, and there are 5 'indices' and 5 of 'data'"));
  CHECK_THAT(refusal_of({.data = {1, 1, 1, 1}}), Contains("there are 5 'indices' and 4 of 'data'"));
  CHECK_THAT(refusal_of({.shape = {3, std::int64_t{1} << 31}}),
             Contains("has a vocabulary of 2147483648 words"));
  CHECK_THAT(refusal_of({.shape = {-1, 4}}), Contains("indptr' has 4 values (must be 0"));
}

TEST_CASE("a vocabulary of another length is refused", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  io::write_corpus_file(file, "/c", {.vocabulary = 2, .offsets = {0, 1}, .words = {1}, .counts = {4}},
                        {"bird", "fish", "worm"});
  CHECK_THAT(sentence_of([&] { io::inspect_corpus(file, {}); }),
             Contains("c.h5:/c' has names for 3 words (the shape has 2); remove or correct them"));
}

TEST_CASE("entries that do not fit are refused, with document and word", "[corpus]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THAT(refusal_of({.indptr = {0, 3, 2, 5}}),
             Contains("corpus/indptr' falls behind position 1 (numbered from 0; must rise from 0 to 5"));
  CHECK_THAT(refusal_of({.indptr = {0, 2, 7, 5}}), Contains("falls behind position 2"));
  CHECK_THAT(refusal_of({.indptr = {0, -1, 2, 5}}), Contains("falls behind position 0"));
  CHECK_THAT(
      refusal_of({.indices = {0, 3, 1, 2, 4}}),
      Contains("c.h5:/corpus' has in document 2 word 4 (must be 0 to 3; documents and words count from 0)"));
  CHECK_THAT(refusal_of({.indices = {-1, 3, 1, 2, 3}}), Contains("in document 0 word -1 (must be 0 to 3"));
  CHECK_THAT(refusal_of({.indices = {0, 3, 2, 2, 3}}), Contains("in document 2 word 2 twice") &&
                                                           Contains("'jensen import ") &&
                                                           Contains("adds such counts"));
  CHECK_THAT(refusal_of({.indices = {0, 3, 2, 1, 2}}), Contains("in document 2 word 2 twice"));
  CHECK_THAT(
      refusal_of({.data = {1, 0, 3, 1, 7}}),
      Contains("in document 0 a stored count of 0, of word 3") && Contains("which drops such entries"));
  CHECK_THAT(refusal_of({.data = {1, -2, 3, 1, 7}}), Contains("in document 0 the count -2 of word 3"));
  CHECK_THAT(refusal_of({.data = {1, 1, nan, 1, 7}}), Contains("in document 2 the count nan of word 1"));
  CHECK_THAT(refusal_of({.data = {1, 1, 1, 1, 1e300}}),
             Contains("the count 1e+300 of word 3 (must be below 2^53"));
  const Arrays fractional{.data = {1, 2, 3, 0.25, 0.5}};
  CHECK_THAT(refusal_of(fractional),
             Contains("in document 2 the count 0.25 of word 2 (must be a whole number") &&
                 Contains("--fractional-counts admits others"));
  CHECK_THAT(refusal_of({.indices = {0, 9, 1, 2, 9}}), Contains("2 documents have faults"));
  Arrays large{.data_type = H5T_STD_I64LE};
  large.data[4] = 9007199254740994;
  CHECK_THAT(refusal_of(large), Contains("must be below 2^53"));
}

TEST_CASE("fractional counts are read where they are admitted", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  Arrays{.data = {1, 2, 3, 0.25, 0.5}}.write(file);
  const io::LoadedCorpus loaded = load(file, {.fractional_counts = true});
  CHECK(loaded.tokens == 6.75);
  CHECK(loaded.empty_documents == 1);
}

TEST_CASE("arrays of other types or dimensions are refused", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  const auto refusal = [&](const std::string& array, const test::Layout& layout) {
    const test::Handle out = io::create_output(file);
    Arrays().add(out.get(), "c");
    H5Ldelete(out.get(), ("c/" + array).c_str(), H5P_DEFAULT);
    test::add_dataset(out.get(), "c/" + array, layout, std::vector<double>(8));
    H5Fflush(out.get(), H5F_SCOPE_GLOBAL);
    return sentence_of([&] { io::inspect_corpus(file, {}); });
  };
  CHECK_THAT(refusal("indices", {.shape = {5}}), Contains("c/indices' holds floating-point numbers"));
  CHECK_THAT(refusal("indptr", {.shape = {4}}), Contains("c/indptr' holds floating-point numbers"));
  CHECK_THAT(refusal("data", {.shape = {4, 2}}),
             Contains("c/data' has shape 4 x 2 (must have one dimension)"));
}

TEST_CASE("a corpus that cannot be written leaves nothing", "[corpus]") {
  const TempDir directory;
  const CountMatrix corpus = test::example_corpus(3000);
  CHECK_THAT(sentence_of([&] { io::write_corpus_file(directory.file("no/c.h5"), "/c", corpus); }),
             Contains("no directory"));
  for (const char* group : {"", "c", "/c/", "/"})
    CHECK_THAT(sentence_of([&] { io::write_corpus_file(directory.file("c.h5"), group, corpus); }),
               Contains("(must be a path such as '/corpus')"));
  ExitCode code = ExitCode::success;
  for (const long bytes : {100, 5000, 40000}) {
    const test::FileSizeLimit limit(static_cast<rlim_t>(bytes));
    sentence_of([&] { io::write_corpus_file(directory.file("c.h5"), "/c", corpus); }, &code);
    CHECK(code == ExitCode::io_failure);
  }
  CHECK(test::entries(directory.path()) == 0);
  io::write_corpus_file(directory.file("c.h5"), "/c", corpus);
  require_same(matrix_of(load(directory.file("c.h5")).shard), corpus);
}

TEST_CASE("the header of a model file says what the corpus is", "[corpus]") {
  const TempDir directory;
  const std::string file = directory.file("c.h5");
  io::write_corpus_file(file, "/corpus", {.vocabulary = 2, .offsets = {0, 1, 1}, .words = {1}, .counts = {4}},
                        {"bird", "fish"});
  const io::LoadedCorpus loaded = load(file);
  const Document header = io::data_header(loaded);
  CHECK(header.text_attribute("/data", "source") == file + ":/corpus");
  CHECK(header.integer_attribute("/data", "documents") == 2);
  CHECK(header.integer_attribute("/data", "vocabulary_size") == 2);
  CHECK(header.integer_attribute("/data", "entries") == 1);
  CHECK(header.number_attribute("/data", "tokens") == 4);
  CHECK(std::get<std::vector<std::string>>(header.array("/data/vocabulary").values)[1] == "fish");
  CHECK(header.array("/fingerprint/data").size() == 2);
}
