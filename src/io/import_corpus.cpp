#include "jensen/io/import_corpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "corpus_reader.hpp"
#include "corpus_words.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/io/corpus.hpp"
#include "numeric_dataset.hpp"

namespace jensen::io {
namespace {

void require_usable(const CorpusImportOptions& options) {
  if (!(options.maximum_share > 0 && options.maximum_share <= 1))
    throw UsageError(
        fmt::format("maximum-share = {} (must be more than 0 and at most 1)", options.maximum_share));
  if (options.minimum_documents < 0)
    throw UsageError(fmt::format("minimum-documents = {} (must be 0 or more)", options.minimum_documents));
  if (options.minimum_length < 1)
    throw UsageError(fmt::format("minimum-length = {} (must be 1 or more)", options.minimum_length));
}

void read(const std::filesystem::path& input, CorpusFormat format, const CorpusImportOptions& options,
          const ImportObserver& progress, CorpusDraft& draft) {
  switch (format) {
    case CorpusFormat::lda_c:
      return read_lda_c(input, options, progress, draft);
    case CorpusFormat::uci:
      return read_uci(input, options, progress, draft);
    case CorpusFormat::svmlight:
      return read_svmlight(input, options, progress, draft);
    case CorpusFormat::matrix_market:
      return read_matrix_market(input, options, progress, draft);
    case CorpusFormat::text:
      return read_text(input, options, progress, draft);
    case CorpusFormat::hdf5:
      return read_hdf5(input.string(), options, progress, draft);
  }
}

Index count_unused(const CountMatrix& corpus) {
  std::vector<bool> used(static_cast<std::size_t>(corpus.vocabulary), false);
  for (const std::int32_t word : corpus.words) used[static_cast<std::size_t>(word)] = true;
  return std::count(used.begin(), used.end(), false);
}

Index count_empty(const CountMatrix& corpus) {
  Index empty = 0;
  for (std::size_t n = 1; n < corpus.offsets.size(); ++n)
    empty += corpus.offsets[n] == corpus.offsets[n - 1] ? 1 : 0;
  return empty;
}

}  // namespace

CorpusSummary import_corpus(const std::filesystem::path& input, const std::filesystem::path& output,
                            CorpusFormat format, const CorpusImportOptions& options,
                            const ImportObserver& progress) {
  const Stopwatch clock;
  require_usable(options);
  std::error_code absent;
  if (std::filesystem::equivalent(DatasetName::parse(input.string()).file, output, absent)) {
    throw UsageError(fmt::format(
        "input and output are the same file, '{}' (must differ); name another output", output.string()));
  }
  const auto stop_words = read_stop_words(options.stop_words);
  CorpusDraft draft{.words = read_words(options.vocabulary)};
  read(input, format, options, progress, draft);
  if (draft.documents == 0)
    throw InputError(fmt::format("'{}' has no documents (must have one at least)", input.string()));
  if (!stop_words.empty() && draft.words.empty()) {
    throw UsageError(fmt::format(
        "stop words for '{}', whose words have no names; give these with --vocabulary", input.string()));
  }
  CountMatrix corpus = draft.entries.finish(draft.documents, draft.vocabulary, draft.order);
  const bool had_tokens = !corpus.words.empty();
  const DroppedWords dropped = drop_words(options, stop_words, corpus, draft.words);
  if (corpus.words.empty()) {
    throw InputError(
        fmt::format("'{}' has no tokens: none of its {} documents has a word{} (one must have)",
                    input.string(), draft.documents,
                    had_tokens ? " that --stop-words, --minimum-documents and --maximum-share keep" : ""));
  }
  write_corpus_file(output, options.group, corpus, draft.words);
  return {.documents = draft.documents,
          .vocabulary = corpus.vocabulary,
          .entries = corpus.offsets.back(),
          .tokens = std::accumulate(corpus.counts.begin(), corpus.counts.end(), 0.0),
          .empty_documents = count_empty(corpus),
          .unused_words = count_unused(corpus),
          .zeros = draft.entries.zeros(),
          .repetitions = draft.entries.repetitions(),
          .unknown_tokens = draft.unknown_tokens,
          .broken_bytes = draft.broken_bytes,
          .dropped_words = dropped.words,
          .dropped_tokens = dropped.tokens,
          .named = !draft.words.empty(),
          .seconds = clock.seconds(),
          .bytes = draft.bytes};
}

}  // namespace jensen::io
