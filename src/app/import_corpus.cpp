#include "import_corpus.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "json.hpp"
#include "print.hpp"
#include "report.hpp"

namespace jensen::app {
namespace {

io::CorpusImportOptions options_of_import(const ImportSettings& settings) {
  return {.group = settings.dataset,
          .vocabulary = settings.vocabulary,
          .fractional_counts = settings.fractional_counts,
          .zero_based = settings.zero_based,
          .minimum_length = settings.minimum_length,
          .stop_words = settings.stop_words,
          .minimum_documents = settings.minimum_documents,
          .maximum_share = settings.maximum_share};
}

void print_summary(const ImportSettings& settings, io::CorpusFormat format, const io::CorpusSummary& found) {
  const auto line = [](const char* label, const std::string& text) { print_out("{:<18}{}\n", label, text); };
  const auto documents = static_cast<double>(found.documents);
  print_out("{} documents written to {}:{} ({} of {} in {})\n", found.documents, settings.output,
            settings.dataset, human_bytes(static_cast<double>(found.bytes)), io::format_name(format),
            human_seconds(std::max(found.seconds, 1e-9)));
  line("vocabulary", fmt::format("{} words{}", found.vocabulary, found.named ? "" : ", without names"));
  line("tokens", fmt::format("{:.15g}, {:.4g} in a document", found.tokens, found.tokens / documents));
  line("entries", fmt::format("{}, {:.4g} different words in a document", found.entries,
                              static_cast<double>(found.entries) / documents));
  if (found.dropped_words > 0) {
    line("dropped", fmt::format("{} words with {:.15g} tokens, as the options say", found.dropped_words,
                                found.dropped_tokens));
  }
  const auto note = [](std::int64_t count, const char* what) {
    if (count > 0) print_out("note: {} {}\n", count, what);
  };
  note(found.empty_documents, "documents are empty; they stay, and say nothing about topics");
  note(found.unused_words, "words of the vocabulary are in no document; --minimum-documents 1 drops them");
  note(found.repetitions, "entries repeat a word of their document, and were added up");
  note(found.zeros, "entries have a count of 0, and were dropped");
  note(found.unknown_tokens, "tokens are not in the given vocabulary, and were left out");
  note(found.broken_bytes,
       "bytes are not UTF-8 and were taken for gaps between words; convert the text, as by "
       "'iconv -t UTF-8'");
}

}  // namespace

double share_read(const io::ImportProgress& progress) {
  if (progress.bytes_total == 0) return 0;
  return 100.0 * static_cast<double>(progress.bytes_read) / static_cast<double>(progress.bytes_total);
}

void import_corpus(ImportSettings settings, const std::string& input, io::CorpusFormat format,
                   StatusLine& line) {
  if (settings.dataset.empty()) settings.dataset = "/corpus";
  const auto show = [&](const io::ImportProgress& progress) {
    line.show(
        fmt::format("{:.0f} % of {} read, {} documents", share_read(progress), input, progress.records));
  };
  const io::CorpusSummary found =
      io::import_corpus(input, settings.output, format, options_of_import(settings), show);
  line.clear();
  if (!settings.json) return print_summary(settings, format, found);
  print_json({{"output", settings.output},
              {"dataset", settings.dataset},
              {"input", input},
              {"format", io::format_name(format)},
              {"documents", found.documents},
              {"vocabulary", found.vocabulary},
              {"entries", found.entries},
              {"tokens", found.tokens},
              {"empty_documents", found.empty_documents},
              {"unused_words", found.unused_words},
              {"dropped_words", found.dropped_words},
              {"dropped_tokens", found.dropped_tokens},
              {"repetitions", found.repetitions},
              {"zeros", found.zeros},
              {"unknown_tokens", found.unknown_tokens},
              {"broken_bytes", found.broken_bytes},
              {"bytes", found.bytes},
              {"seconds", found.seconds}});
}

}  // namespace jensen::app
