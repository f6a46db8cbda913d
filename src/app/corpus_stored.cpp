#include <fmt/format.h>

#include <algorithm>

#include "corpus_data.hpp"
#include "jensen/core/error.hpp"
#include "stored.hpp"

namespace jensen::app {
std::vector<std::string> stored_words(const Document& document) {
  if (!document.has("/data/vocabulary")) return {};
  const auto* words = std::get_if<std::vector<std::string>>(&document.array("/data/vocabulary").values);
  if (words == nullptr) throw InputError("'/data/vocabulary' holds numbers (must be words)");
  return *words;
}

void require_same_vocabulary(const Document& document, const std::string& corpus, Index vocabulary,
                             const std::vector<std::string>& names) {
  const auto fitted = document.integer_attribute("/data", "vocabulary_size");
  const std::vector<std::string> words = stored_words(document);
  const auto refuse = [&](const std::string& found, const std::string& expected) {
    throw InputError(fmt::format(
        "{} (must be {}, as in the corpus that {} was fitted to); import these documents with --vocabulary "
        "and that corpus",
        found, expected, document.origin));
  };
  if (vocabulary != fitted)
    refuse(fmt::format("'{}' has {} words", corpus, vocabulary), fmt::format("{}", fitted));
  if (words.empty() || names.empty()) return;
  for (std::size_t w = 0; w < std::min(words.size(), names.size()); ++w) {
    if (names[w] == words[w]) continue;
    refuse(fmt::format("word {} of '{}' is '{}'", w, corpus, names[w]), fmt::format("'{}'", words[w]));
  }
}

void CorpusData::require_schema(const Document& document) {
  for (const char* name : {"documents", "vocabulary_size", "entries"})
    document.integer_attribute("/data", name);
  document.number_attribute("/data", "tokens");
}

std::string CorpusData::stored_sizes(const Document& document) {
  return fmt::format(
      "{} documents x {} words, {:.15g} tokens", document.integer_attribute("/data", "documents"),
      document.integer_attribute("/data", "vocabulary_size"), document.number_attribute("/data", "tokens"));
}

void CorpusData::require_stored(const Document& document) {
  const Index documents = document.integer_attribute("/data", "documents");
  const Index words = document.integer_attribute("/data", "vocabulary_size");
  const double tokens = document.number_attribute("/data", "tokens");
  const auto named = static_cast<Index>(stored_words(document).size());
  if (documents >= 1 && words >= 1 && tokens > 0 && (named == 0 || named == words)) return;
  throw InputError(
      fmt::format("{} documents of {} words, {} names of words and {} tokens (must be at least 1 document, "
                  "word and token, "
                  "and as many names as words, or none)",
                  documents, words, named, tokens));
}

CorpusData::Space CorpusData::stored_space(const Document& document) {
  require_stored(document);
  Vector word_prior;
  if (document.has("/parameters/eta")) word_prior = document.vector("/parameters/eta");
  if (word_prior.size() == 1) word_prior = {};
  return {document.integer_attribute("/data", "vocabulary_size"),
          document.number_attribute("/data", "tokens"), document.integer_attribute("/data", "documents"),
          word_prior};
}

io::LoadedCorpus CorpusData::load_for(const Document& document, bool fractional_counts,
                                      const std::string& input, const std::string& weights,
                                      const Communicator& comm) {
  if (!weights.empty()) {
    throw UsageError(fmt::format("weights = '{}' ({} counts each document once); leave it out", weights,
                                 document.text_attribute("/", "model")));
  }
  const io::CorpusFileInfo info = io::inspect_corpus(input, comm);
  require_same_vocabulary(document, info.name(), info.vocabulary, info.words);
  // Blocks as in the fit, so that the training documents give the same bits.
  const Index block_documents = naming_file(document, [&] { return stored_block_rows(document); });
  return io::load_corpus(info, {.fractional_counts = fractional_counts, .block_documents = block_documents},
                         comm);
}

}  // namespace jensen::app
