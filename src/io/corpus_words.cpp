#include "corpus_words.hpp"

#include <fmt/format.h>

#include <iterator>
#include <sstream>
#include <utility>

#include "csr_group.hpp"
#include "english_stop_words.hpp"
#include "jensen/core/error.hpp"
#include "jensen/io/corpus.hpp"
#include "text_lines.hpp"

namespace jensen::io {
namespace {

std::vector<std::string> words_of_corpus(const std::string& name) {
  const DatasetName group = find_csr_group(name);
  std::vector<std::string> words = read_vocabulary(group);
  if (words.empty()) {
    throw InputError(
        fmt::format("'{}' has no 'vocabulary' (must name its words, to be a vocabulary)", group.text()));
  }
  return words;
}

std::vector<std::string> words_of_lines(const std::string& file) {
  TextLines lines(file);
  std::vector<std::string> words;
  for (std::string_view line; lines.next(line);) {
    const std::size_t first = line.find_first_not_of(" \t"), last = line.find_last_not_of(" \t");
    if (first == std::string_view::npos) {
      if (lines.at_end()) break;
      throw InputError(fmt::format("{} is blank (must be a word)", lines.place()));
    }
    if (line.find('\0') != std::string_view::npos)
      throw InputError(fmt::format("{} has a zero byte (must be a word)", lines.place()));
    words.emplace_back(line.substr(first, last - first + 1));
  }
  if (words.empty()) throw InputError(fmt::format("'{}' has no words (must have one in each line)", file));
  return words;
}

}  // namespace

std::vector<std::string> read_words(const std::string& name) {
  if (name.empty()) return {};
  return holds_corpus(DatasetName::parse(name).file) ? words_of_corpus(name) : words_of_lines(name);
}

std::set<std::string> read_stop_words(const std::string& name) {
  if (name == "english") {
    std::istringstream words(kEnglishStopWords);
    return {std::istream_iterator<std::string>(words), {}};
  }
  const std::vector<std::string> words = read_words(name);
  return {words.begin(), words.end()};
}

DroppedWords drop_words(const CorpusImportOptions& options, const std::set<std::string>& stop_words,
                        CountMatrix& corpus, std::vector<std::string>& words) {
  std::vector<Index> documents(static_cast<std::size_t>(corpus.vocabulary), 0);  // that have the word
  for (const std::int32_t word : corpus.words) ++documents[static_cast<std::size_t>(word)];
  const double most = options.maximum_share * static_cast<double>(corpus.documents());
  constexpr std::int32_t kDropped = -1;
  std::vector<std::int32_t> numbers(documents.size());
  DroppedWords dropped;
  std::int32_t kept = 0;
  for (std::size_t w = 0; w < numbers.size(); ++w) {
    const bool stays = documents[w] >= options.minimum_documents &&
                       static_cast<double>(documents[w]) <= most &&
                       !(w < words.size() && stop_words.contains(words[w]));
    if (stays && w < words.size()) std::swap(words[static_cast<std::size_t>(kept)], words[w]);
    numbers[w] = stays ? kept++ : kDropped;
    if (!stays) ++dropped.words;
  }
  if (!words.empty()) words.resize(static_cast<std::size_t>(kept));
  corpus.vocabulary = kept;

  std::size_t entries = 0, from = 0;
  for (std::size_t n = 1; n < corpus.offsets.size(); ++n) {
    for (; from < static_cast<std::size_t>(corpus.offsets[n]); ++from) {
      const std::int32_t number = numbers[static_cast<std::size_t>(corpus.words[from])];
      if (number == kDropped) {
        dropped.tokens += corpus.counts[from];
        continue;
      }
      corpus.words[entries] = number;
      corpus.counts[entries++] = corpus.counts[from];
    }
    corpus.offsets[n] = static_cast<std::int64_t>(entries);
  }
  corpus.words.resize(entries);
  corpus.counts.resize(entries);
  return dropped;
}

}  // namespace jensen::io
