#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "jensen/data/count_matrix.hpp"
#include "jensen/io/import_corpus.hpp"

namespace jensen::io {

/// The words of a file, one in each line, or those of a corpus "FILE.h5[:/group]"; of an empty name none.
/// Throws InputError.
std::vector<std::string> read_words(const std::string& name);

/// The words that `--stop-words` names: none, "english", or those of a file.
std::set<std::string> read_stop_words(const std::string& name);

/// What `drop_words` dropped.
struct DroppedWords {
  Index words = 0;
  double tokens = 0;
};

/// Drops words that the options do not keep from vocabulary and documents, which stay as many. `words` may be
/// empty where there are no stop words.
DroppedWords drop_words(const CorpusImportOptions& options, const std::set<std::string>& stop_words,
                        CountMatrix& corpus, std::vector<std::string>& words);

}  // namespace jensen::io
