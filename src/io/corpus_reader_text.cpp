#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "corpus_reader.hpp"
#include "jensen/core/error.hpp"
#include "tokenizer.hpp"

namespace jensen::io {
namespace {

/// The *.txt files of a folder and of the folders in it, in the order of their paths.
std::vector<std::filesystem::path> text_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (std::filesystem::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code ignored;
    if (entry->path().extension() == ".txt" && entry->is_regular_file(ignored))
      files.push_back(entry->path());
  }
  if (failure) {
    throw InputError(
        fmt::format("cannot list '{}' ({}); check its permissions", folder.string(), failure.message()));
  }
  if (files.empty()) {
    throw InputError(fmt::format(
        "the directory '{}' has no *.txt files, which would be documents (must have one at least)",
        folder.string()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Numbers of words: of those given, or of all as they come.
class Dictionary {
 public:
  explicit Dictionary(const std::vector<std::string>& given) : closed_(!given.empty()) {
    for (const std::string& word : given) numbers_.emplace(word, static_cast<std::int64_t>(numbers_.size()));
  }

  /// -1: not among those given.
  std::int64_t number_of(std::string_view word) {
    key_ = word;
    if (const auto known = numbers_.find(key_); known != numbers_.end()) return known->second;
    if (closed_) return -1;
    return numbers_.emplace(key_, static_cast<std::int64_t>(numbers_.size())).first->second;
  }

  std::vector<std::string> words() const {
    std::vector<std::string> all(numbers_.size());
    for (const auto& [word, number] : numbers_) all[static_cast<std::size_t>(number)] = word;
    return all;
  }

 private:
  bool closed_;
  std::unordered_map<std::string, std::int64_t> numbers_;
  std::string key_;
};

/// Where each text goes when they are sorted.
std::vector<std::int32_t> ranks_of(const std::vector<std::string>& texts) {
  std::vector<std::int32_t> order(texts.size()), ranks(texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return texts[static_cast<std::size_t>(a)] < texts[static_cast<std::size_t>(b)];
  });
  for (std::size_t i = 0; i < order.size(); ++i)
    ranks[static_cast<std::size_t>(order[i])] = static_cast<std::int32_t>(i);
  return ranks;
}

void require_different(const std::vector<std::string>& words, const CorpusImportOptions& options) {
  std::vector<std::string> sorted = words;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice == sorted.end()) return;
  throw InputError(
      fmt::format("the vocabulary '{}' has '{}' twice (must be there once, to number words of text)",
                  options.vocabulary, *twice));
}

}  // namespace

void read_text(const std::filesystem::path& input, const CorpusImportOptions& options,
               const ImportObserver& progress, CorpusDraft& draft) {
  const bool folder = std::filesystem::is_directory(input);
  const std::vector<std::filesystem::path> files = folder ? text_files(input) : std::vector{input};
  for (const auto& file : files) draft.bytes += bytes_of(file);
  require_different(draft.words, options);
  Dictionary dictionary(draft.words);
  Tokenizer tokenizer(options.minimum_length);
  ImportReporter reporter(progress, draft.bytes);
  std::int64_t bytes_before = 0;
  std::vector<std::int64_t> tokens;  // of the document at hand
  const auto add = [&](std::string_view word) {
    const std::int64_t number = dictionary.number_of(word);
    if (number < 0) {
      ++draft.unknown_tokens;
    } else {
      tokens.push_back(number);
    }
  };
  const auto end_document = [&] {
    std::sort(tokens.begin(), tokens.end());
    for (auto first = tokens.begin(); first != tokens.end();) {
      const auto last = std::find_if(first, tokens.end(), [&](std::int64_t word) { return word != *first; });
      draft.entries.add(draft.documents, *first, static_cast<double>(last - first));
      first = last;
    }
    tokens.clear();
    require_room(++draft.documents, input);
  };
  for (const auto& file : files) {
    TextLines lines(file);
    for (std::string_view line; lines.next(line);) {
      tokenizer.split(line, add);
      if (!folder) end_document();
      reporter.record_read(bytes_before + lines.bytes_read(), draft.documents);
    }
    if (folder) end_document();
    bytes_before += bytes_of(file);
  }
  reporter.report(draft.bytes, draft.documents);
  draft.broken_bytes = tokenizer.broken_bytes();
  if (draft.words.empty()) {
    draft.words = dictionary.words();
    draft.entries.renumber(ranks_of(draft.words));
    std::sort(draft.words.begin(), draft.words.end());
  }
  draft.vocabulary = static_cast<Index>(draft.words.size());
}

}  // namespace jensen::io
