#pragma once

#include <string>
#include <vector>

#include "corpus_builder.hpp"
#include "import_reporter.hpp"
#include "jensen/io/import_corpus.hpp"
#include "text_lines.hpp"

namespace jensen::io {

/// A corpus on its way in: what the reader of a format adds to.
struct CorpusDraft {
  CorpusBuilder entries = {};
  WordOrder order = WordOrder::rising;
  Index documents = 0;
  Index vocabulary = 0;                 // V
  std::vector<std::string> words = {};  // V names, or none; at first those that were given
  std::int64_t unknown_tokens = 0;
  std::int64_t broken_bytes = 0;
  std::int64_t bytes = 0;  // of the input
};

/// The readers of the formats. All throw InputError.
void read_lda_c(const std::filesystem::path& input, const CorpusImportOptions& options,
                const ImportObserver& progress, CorpusDraft& draft);
void read_svmlight(const std::filesystem::path& input, const CorpusImportOptions& options,
                   const ImportObserver& progress, CorpusDraft& draft);
void read_uci(const std::filesystem::path& input, const CorpusImportOptions& options,
              const ImportObserver& progress, CorpusDraft& draft);
void read_matrix_market(const std::filesystem::path& input, const CorpusImportOptions& options,
                        const ImportObserver& progress, CorpusDraft& draft);
void read_text(const std::filesystem::path& input, const CorpusImportOptions& options,
               const ImportObserver& progress, CorpusDraft& draft);
void read_hdf5(const std::string& input, const CorpusImportOptions& options, const ImportObserver& progress,
               CorpusDraft& draft);

/// The fields of a line, parted by blanks.
class Fields {
 public:
  Fields(const TextLines& lines, std::string_view line) : lines_(lines), rest_(line) {}

  /// Empty at the end.
  std::string_view next();

  /// "word:count" apart; throws InputError.
  struct Pair {
    std::string_view word, count;
  };
  Pair pair_of(std::string_view field) const;

  /// An integer of least ... most; `what` says of what: "the word".
  std::int64_t integer(std::string_view text, std::int64_t least, std::int64_t most, const char* what) const;
  /// A count of 0 or more.
  double count(std::string_view text, bool fractional) const;
  /// Of words that count from `first`, 0 or 1, in a vocabulary of V, or one that is not known (0).
  std::int64_t word(std::string_view text, std::int64_t first, Index vocabulary) const;

 private:
  const TextLines& lines_;
  std::string_view rest_;
};

/// Throws InputError unless the words that were given are as many as a header says.
void require_vocabulary(const CorpusDraft& draft, Index header, const std::filesystem::path& input,
                        const CorpusImportOptions& options);

/// Throws InputError where there are more documents than a builder takes.
void require_room(Index documents, const std::filesystem::path& input);

/// At most 40 characters of a text, for sentences.
std::string shortened(std::string_view text);

/// Bytes of a file as it is stored; 0 where it is a pipe.
std::int64_t bytes_of(const std::filesystem::path& file);

}  // namespace jensen::io
