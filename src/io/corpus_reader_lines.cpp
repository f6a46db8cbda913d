#include <fmt/format.h>

#include "corpus_reader.hpp"
#include "jensen/core/error.hpp"

namespace jensen::io {
namespace {

/// Hands over the lines that are not blank, each a document.
template <class Read>
void read_documents(const std::filesystem::path& input, const ImportObserver& progress, CorpusDraft& draft,
                    Read read) {
  TextLines lines(input);
  draft.bytes = bytes_of(input);
  ImportReporter reporter(progress, draft.bytes);
  for (std::string_view line; lines.next(line);) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (read(lines, line)) ++draft.documents;
    require_room(draft.documents, input);
    reporter.record_read(lines.bytes_read(), draft.documents);
  }
  reporter.report(lines.bytes_read(), draft.documents);
}

}  // namespace

void read_lda_c(const std::filesystem::path& input, const CorpusImportOptions& options,
                const ImportObserver& progress, CorpusDraft& draft) {
  draft.order = WordOrder::kept;  // lda-c updates word by word in this order
  const auto given = static_cast<Index>(draft.words.size());
  read_documents(input, progress, draft, [&](const TextLines& lines, std::string_view line) {
    Fields fields(lines, line);
    const std::int64_t pairs =
        fields.integer(fields.next(), 0, CorpusBuilder::kMost, "the number of different words");
    std::int64_t found = 0;
    for (std::string_view field; !(field = fields.next()).empty(); ++found) {
      const Fields::Pair pair = fields.pair_of(field);
      draft.entries.add(draft.documents, fields.word(pair.word, 0, given),
                        fields.count(pair.count, options.fractional_counts));
    }
    if (found != pairs) {
      throw InputError(fmt::format("{} has {} pairs WORD:COUNT (must be {}, as it says at its beginning)",
                                   lines.place(), found, pairs));
    }
    return true;
  });
  draft.vocabulary = given > 0 ? given : draft.entries.words_seen();
}

void read_svmlight(const std::filesystem::path& input, const CorpusImportOptions& options,
                   const ImportObserver& progress, CorpusDraft& draft) {
  const auto given = static_cast<Index>(draft.words.size());
  bool from_zero = options.zero_based;
  read_documents(input, progress, draft, [&](const TextLines& lines, std::string_view line) {
    line = line.substr(0, line.find('#'));
    Fields fields(lines, line);
    std::string_view field = fields.next();
    if (field.empty()) return false;                                       // a comment
    if (field.find(':') == std::string_view::npos) field = fields.next();  // behind the label
    for (; !field.empty(); field = fields.next()) {
      if (field.starts_with("qid:")) continue;
      const Fields::Pair pair = fields.pair_of(field);
      const std::int64_t word =
          fields.integer(pair.word, 0, CorpusBuilder::kMost - 2, "the number of a word");
      from_zero = from_zero || word == 0;
      draft.entries.add(draft.documents, word, fields.count(pair.count, options.fractional_counts));
    }
    return true;
  });
  if (!from_zero) draft.entries.count_from_zero();
  draft.vocabulary = given > 0 ? given : draft.entries.words_seen();
  if (draft.entries.words_seen() <= draft.vocabulary) return;
  throw InputError(fmt::format("'{}' has word {} (words count from {}; the vocabulary '{}' has {} words)",
                               input.string(), draft.entries.words_seen() - (from_zero ? 1 : 0),
                               from_zero ? 0 : 1, options.vocabulary, given));
}

}  // namespace jensen::io
