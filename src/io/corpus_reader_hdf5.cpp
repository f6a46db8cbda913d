#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "corpus_reader.hpp"
#include "csr_group.hpp"
#include "jensen/core/error.hpp"
#include "jensen/io/corpus.hpp"

namespace jensen::io {
namespace {

constexpr double kExactLimit = 9007199254740992;  // 2^53

void require_usable(const CorpusFileInfo& info, Index document, std::int64_t word, double count,
                    bool fractional) {
  const auto refuse = [&](const std::string& found) {
    throw InputError(fmt::format("'{}' has in document {} {}; documents and words count from 0", info.name(),
                                 document, found));
  };
  if (word < 0 || word >= info.vocabulary)
    refuse(fmt::format("word {} (must be 0 to {})", word, info.vocabulary - 1));
  if (!(count >= 0 && count < kExactLimit))
    refuse(fmt::format("the count {} of word {} (must be a number from 0 to less than 2^53)", count, word));
  if (!fractional && count != std::floor(count)) {
    refuse(fmt::format("the count {} of word {} (must be a whole number; --fractional-counts admits others)",
                       count, word));
  }
}

}  // namespace

void read_hdf5(const std::string& input, const CorpusImportOptions& options, const ImportObserver& progress,
               CorpusDraft& draft) {
  const CorpusFileInfo info = inspect_corpus(input, Communicator());
  require_room(info.documents, input);
  const DatasetName group{info.file, info.group};
  const NumericDataset indptr(array_of(group, "indptr")), indices(array_of(group, "indices")),
      data(array_of(group, "data"));
  if (draft.words.empty()) draft.words = info.words;
  require_vocabulary(draft, info.vocabulary, input, options);
  draft.documents = info.documents;
  draft.vocabulary = info.vocabulary;
  draft.bytes = bytes_of(info.file);
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(info.documents) + 1);
  indptr.read(0, info.documents + 1, offsets.data());
  if (!std::is_sorted(offsets.begin(), offsets.end()) || offsets.front() != 0 ||
      offsets.back() != info.entries)
    throw InputError(fmt::format("'{}' does not rise from 0 to {}, the number of entries (must rise)",
                                 indptr.name(), info.entries));
  ImportReporter reporter(progress, info.entries);
  std::vector<std::int64_t> words;
  std::vector<double> counts;
  Faults too_large;  // read as 2^53 or more, which is refused
  Index document = 0;
  for (std::int64_t first = 0; first < info.entries;) {
    const std::int64_t last = data.piece_end(first, info.entries);
    words.resize(static_cast<std::size_t>(last - first));
    counts.resize(words.size());
    indices.read(first, last - first, words.data());
    data.read_exact(first, last - first, counts.data(), too_large);
    for (std::size_t i = 0; i < words.size(); ++i) {
      while (offsets[static_cast<std::size_t>(document) + 1] <= first + static_cast<std::int64_t>(i))
        ++document;
      require_usable(info, document, words[i], counts[i], options.fractional_counts);
      draft.entries.add(document, words[i], counts[i]);
    }
    first = last;
    reporter.record_read(first, document);
  }
  reporter.report(info.entries, info.documents);
}

}  // namespace jensen::io
