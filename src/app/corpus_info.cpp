#include "corpus_info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "jensen/io/corpus.hpp"
#include "json.hpp"
#include "print.hpp"
#include "report.hpp"

namespace jensen::app {
namespace {

/// In how many documents each word is: V.
std::vector<std::int64_t> count_documents(const CountShard& shard, const Communicator& comm) {
  std::vector<std::int64_t> documents(static_cast<std::size_t>(shard.vocabulary()), 0);
  CountShard::Buffer buffer;
  for (Index i = 0; i < shard.block_count(); ++i) {
    for (const std::int32_t word : shard.block(i, buffer).words) ++documents[static_cast<std::size_t>(word)];
  }
  comm.all_sum(std::span<std::int64_t>(documents));
  return documents;
}

std::string name_of(const std::vector<std::string>& words, std::size_t word) {
  return words.empty() ? fmt::format("{}", word) : words[word];
}

/// The words of most documents, ties in the order of their numbers.
std::vector<std::size_t> most_frequent(const std::vector<std::int64_t>& documents) {
  constexpr std::size_t kShown = 10;
  std::vector<std::size_t> words(documents.size());
  std::iota(words.begin(), words.end(), 0);
  const auto shown = static_cast<std::ptrdiff_t>(std::min(kShown, words.size()));
  std::partial_sort(words.begin(), words.begin() + shown, words.end(), [&](std::size_t a, std::size_t b) {
    return documents[a] != documents[b] ? documents[a] > documents[b] : a < b;
  });
  words.resize(static_cast<std::size_t>(shown));
  return words;
}

void print_corpus(const io::LoadedCorpus& corpus, const std::vector<std::int64_t>& documents) {
  const CountShard& shard = corpus.shard;
  const auto all = static_cast<double>(shard.documents());
  const auto line = [](const char* label, const std::string& text) { print_out("{:<12}{}\n", label, text); };
  print_out("{}: a corpus\n", shard.info().source);
  line("documents", fmt::format("{}, {} of them empty", shard.documents(), corpus.empty_documents));
  line("vocabulary", fmt::format("{} words{}, {} of them in no document", shard.vocabulary(),
                                 shard.info().words.empty() ? " without names" : "",
                                 std::count(documents.begin(), documents.end(), 0)));
  line("tokens", fmt::format("{:.15g}, {:.4g} in a document", corpus.tokens, corpus.tokens / all));
  line("entries", fmt::format("{}, {:.4g} different words in a document", shard.entries(),
                              static_cast<double>(shard.entries()) / all));
  Table table{{"word", "documents", "share"}, {}};
  for (const std::size_t word : most_frequent(documents)) {
    table.rows.push_back({name_of(shard.info().words, word), fmt::format("{}", documents[word]),
                          fmt::format("{:.4f}", static_cast<double>(documents[word]) / all)});
  }
  print_out("\n{}", render(table));
}

Json corpus_json(const io::LoadedCorpus& corpus, const std::vector<std::int64_t>& documents) {
  const CountShard& shard = corpus.shard;
  Json frequent = Json::array();
  for (const std::size_t word : most_frequent(documents)) {
    frequent.push_back(
        {{"word", word}, {"name", name_of(shard.info().words, word)}, {"documents", documents[word]}});
  }
  return {{"source", shard.info().source},
          {"documents", shard.documents()},
          {"empty_documents", corpus.empty_documents},
          {"vocabulary", shard.vocabulary()},
          {"unused_words", std::count(documents.begin(), documents.end(), 0)},
          {"entries", shard.entries()},
          {"tokens", corpus.tokens},
          {"most_frequent_words", frequent}};
}

}  // namespace

bool is_corpus(const std::string& name, const Communicator& comm) {
  std::int64_t found = 0;
  comm.on_root([&] { found = io::holds_corpus(name.substr(0, name.rfind(":/"))) ? 1 : 0; });
  return comm.max(found) == 1;
}

int corpus_info(const std::string& name, const InfoSettings& settings, const Communicator& comm) {
  const io::CorpusFileInfo info = io::inspect_corpus(name, comm);
  const io::LoadedCorpus corpus = io::load_corpus(info, {.fractional_counts = true}, comm);
  const std::vector<std::int64_t> documents = count_documents(corpus.shard, comm);
  comm.on_root([&] {
    if (settings.json) {
      print_json(corpus_json(corpus, documents));
    } else {
      print_corpus(corpus, documents);
    }
  });
  return 0;
}

}  // namespace jensen::app
