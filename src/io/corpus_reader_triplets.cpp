#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "corpus_reader.hpp"
#include "jensen/core/error.hpp"

namespace jensen::io {
namespace {

struct Sizes {
  Index documents = 0;
  Index vocabulary = 0;
  std::int64_t entries = 0;
};

/// Whether a line comes that is not blank; it is in `line`.
bool next_filled(TextLines& lines, std::string_view& line) {
  while (lines.next(line)) {
    if (line.find_first_not_of(" \t") != std::string_view::npos) return true;
  }
  return false;
}

/// One of the integers at the beginning of a file.
std::int64_t header_integer(const Fields& fields, std::string_view text, const char* what) {
  return fields.integer(text, 0, CorpusBuilder::kMost - 2, what);
}

/// The lines "document word count", from 1; `pattern`: without a count, which is 1.
void read_entries(TextLines& lines, const Sizes& sizes, bool pattern, const CorpusImportOptions& options,
                  const ImportObserver& progress, CorpusDraft& draft) {
  require_vocabulary(draft, sizes.vocabulary, lines.path(), options);
  draft.documents = sizes.documents;
  draft.vocabulary = sizes.vocabulary;
  draft.bytes = bytes_of(lines.path());
  ImportReporter reporter(progress, draft.bytes);
  std::int64_t found = 0;
  std::string_view line;
  for (; next_filled(lines, line); ++found) {
    Fields fields(lines, line);
    const std::int64_t document =
        fields.integer(fields.next(), 1, std::max<Index>(sizes.documents, 1), "the number of a document");
    const std::int64_t word = fields.word(fields.next(), 1, std::max<Index>(sizes.vocabulary, 1));
    const double count = pattern ? 1 : fields.count(fields.next(), options.fractional_counts);
    if (const std::string_view rest = fields.next(); !rest.empty()) {
      throw InputError(fmt::format("{} has '{}' behind the entry (must be {})", lines.place(),
                                   shortened(rest), pattern ? "DOCUMENT WORD" : "DOCUMENT WORD COUNT"));
    }
    draft.entries.add(document - 1, word - 1, count);
    reporter.record_read(lines.bytes_read(), document);
  }
  if (found != sizes.entries) {
    throw InputError(
        fmt::format("'{}' has {} entries (must be {}, as it says at its beginning); use a copy that is "
                    "whole",
                    lines.path().string(), found, sizes.entries));
  }
  reporter.report(lines.bytes_read(), draft.documents);
}

}  // namespace

void read_uci(const std::filesystem::path& input, const CorpusImportOptions& options,
              const ImportObserver& progress, CorpusDraft& draft) {
  TextLines lines(input);
  constexpr std::array kTitles = {"the number of documents", "the number of words", "the number of entries"};
  std::array<std::int64_t, 3> header = {};
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::string_view line;
    if (!next_filled(lines, line)) {
      throw InputError(
          fmt::format("'{}' ends before {} (must begin with three lines: the numbers of documents, "
                      "words and entries)",
                      input.string(), kTitles[i]));
    }
    Fields fields(lines, line);
    const std::string_view text = fields.next();
    header[i] = i < 2 ? header_integer(fields, text, kTitles[i])
                      : fields.integer(text, 0, std::int64_t{1} << 53, kTitles[i]);
    if (!fields.next().empty()) {
      throw InputError(
          fmt::format("{} has more than {} (must begin with three lines: the numbers of documents, "
                      "words and entries)",
                      lines.place(), kTitles[i]));
    }
  }
  read_entries(lines, {header[0], header[1], header[2]}, false, options, progress, draft);
}

void read_matrix_market(const std::filesystem::path& input, const CorpusImportOptions& options,
                        const ImportObserver& progress, CorpusDraft& draft) {
  TextLines lines(input);
  std::string_view line;
  lines.next(line);
  std::string banner(line);
  std::transform(banner.begin(), banner.end(), banner.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  Fields words(lines, banner);
  const bool matrix =
      words.next() == "%%matrixmarket" && words.next() == "matrix" && words.next() == "coordinate";
  const std::string field(words.next()), symmetry(words.next());
  if (!matrix || (field != "integer" && field != "real" && field != "pattern") || symmetry != "general") {
    throw InputError(
        fmt::format("'{}' begins with '{}' (must be '%%MatrixMarket matrix coordinate "
                    "integer|real|pattern general')",
                    input.string(), shortened(line)));
  }
  do {
    if (!next_filled(lines, line))
      throw InputError(
          fmt::format("'{}' has no line of sizes (must be ROWS COLUMNS ENTRIES)", input.string()));
  } while (line.starts_with('%'));
  Fields fields(lines, line);
  Sizes sizes;
  sizes.documents = header_integer(fields, fields.next(), "the number of rows, which are documents");
  sizes.vocabulary = header_integer(fields, fields.next(), "the number of columns, which are words");
  sizes.entries = fields.integer(fields.next(), 0, std::int64_t{1} << 53, "the number of entries");
  read_entries(lines, sizes, field == "pattern", options, progress, draft);
}

}  // namespace jensen::io
