#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "jensen/io/import_progress.hpp"

namespace jensen::io {

/// How the documents of an input are written down.
enum class CorpusFormat {
  lda_c,     // a document a line: "M word:count ...", M pairs, words from 0 (lda-c of Blei)
  uci,       // three lines D, W, NNZ, then "document word count" from 1 (docword.*.txt, UCI Bag of Words)
  svmlight,  // a document a line: "label word:count ...", words from 0 or 1 (SVMlight, libsvm)
  matrix_market,  // "%%MatrixMarket matrix coordinate integer|real|pattern general", rows are documents
  text,           // a folder whose *.txt files are documents, or a file whose lines are
  hdf5,           // a group as `inspect_corpus` finds, whose words may be there more than once
};

/// "lda-c", "uci", "svmlight", "matrix-market", "text", "hdf5".
std::string format_name(CorpusFormat format);
/// None where no format has the name.
std::optional<CorpusFormat> format_of(const std::string& name);

/// The format by the name of a file (.mtx, .svmlight, .libsvm, .svm, .ldac, docword.*; each also with .gz),
/// or by its first lines; of a folder: text. None where it is something else, such as a table; a file of
/// plain text cannot be told from one and has to be named so.
std::optional<CorpusFormat> find_corpus_format(const std::filesystem::path& input);

/// What is kept of the input.
struct CorpusImportOptions {
  std::string group = "/corpus";  // path in the output
  std::string vocabulary = {};  // file with a word in each line, or a corpus "FILE.h5[:/group]": names of the
                                // words; of text: the words that are kept
  bool fractional_counts = false;  // admit counts that are not whole numbers
  bool zero_based = false;         // of svmlight; else words count from 0 if word 0 occurs, and from 1 if not
  Index minimum_length = 2;        // of words of text, in letters
  std::string stop_words = {};     // "english", or a file with a word in each line: words that are dropped
  Index minimum_documents = 0;     // words of fewer documents are dropped
  double maximum_share = 1;        // words of more than this part of all documents are dropped
};

/// What an import found and has written.
struct CorpusSummary {
  Index documents = 0;
  Index vocabulary = 0;
  std::int64_t entries = 0;  // words of documents, each counted once in each
  double tokens = 0;         // the sum of all counts
  Index empty_documents = 0;
  Index unused_words = 0;           // of the vocabulary, in no document
  std::int64_t zeros = 0;           // entries of count 0, dropped
  std::int64_t repetitions = 0;     // entries of a word that its document had already, added to it
  std::int64_t unknown_tokens = 0;  // of text, not in the given vocabulary
  std::int64_t broken_bytes = 0;    // of text, not UTF-8, taken for gaps
  Index dropped_words = 0;          // by the three options
  double dropped_tokens = 0;
  bool named = false;  // the words have names
  double seconds = 0;
  std::int64_t bytes = 0;  // of the input
};

/// Turns documents into a corpus that `inspect_corpus` finds. Files of text and counts may be compressed with
/// gzip. Serial. The input is read as a stream; the corpus is held in memory, 16 bytes for each entry and as
/// much again where documents are not in order.
///
/// Words of text are runs of letters in lower case, those of Latin, Greek, Cyrillic and Armenian among them;
/// all that is no letter parts words. Without a given vocabulary they are numbered in the order of their
/// bytes. Words of a document are sorted, but for those of lda-c; their repetitions are added up, and counts
/// of 0 dropped.
///
/// The output appears under its name only when complete, on disk and read back alike.
///
/// @throws UsageError options that do not fit, or output and input are one file
/// @throws InputError an input that cannot be read or is not of the format (with the line), a count that is
/// negative, not finite or, unless admitted, not whole, no document, or no word left in any
/// @throws IoError an output that cannot be written or does not read back as it was written
CorpusSummary import_corpus(const std::filesystem::path& input, const std::filesystem::path& output,
                            CorpusFormat format, const CorpusImportOptions& options,
                            const ImportObserver& progress = {});

}  // namespace jensen::io
