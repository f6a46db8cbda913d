#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "count_scan.hpp"
#include "csr_group.hpp"
#include "jensen/core/exact_sum.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/io/corpus.hpp"
#include "read_counters.hpp"

namespace jensen::io {
namespace {

[[noreturn]] void refuse_changed(const CorpusFileInfo& info) {
  throw InputError(
      fmt::format("'{}' changed while jensen was reading it, or hosts see different files", info.name()));
}

NumericDataset open_array(const CorpusFileInfo& info, const char* array, Index length,
                          std::int64_t piece_bytes) {
  NumericDataset dataset(array_of({info.file, info.group}, array), piece_bytes);
  if (dataset.shape() != std::vector<Index>{length}) refuse_changed(info);
  return dataset;
}

/// Reads `indptr` for documents [first, end), with that of the document before in front and the end behind,
/// piece by piece.
template <class Visit>
void read_offsets(const NumericDataset& indptr, Index first, Index end, Visit visit) {
  std::vector<std::int64_t> offsets;
  for (Index begin = first; begin < end;) {
    const Index last = indptr.piece_end(begin, end), before = begin > 0 ? 1 : 0;
    offsets.resize(static_cast<std::size_t>(before + last - begin + 1));
    indptr.read(begin - before, last - begin + before + 1, offsets.data());
    visit(begin, std::span<const std::int64_t>(offsets));
    begin = last;
  }
}

/// Blocks of the whole corpus; each rank looks for the starts of some.
CountPartition find_blocks(const CorpusFileInfo& info, const CorpusReadOptions& options,
                           const Communicator& comm) {
  const CountBlockRule rule(info.documents, info.entries, options.block_documents);
  const Index share = info.documents / comm.size(), rest = info.documents % comm.size();
  const Index first = share * comm.rank() + std::min<Index>(comm.rank(), rest);
  const Index end = first + share + (comm.rank() < rest ? 1 : 0);
  constexpr Index kNone = std::numeric_limits<Index>::max();
  std::vector<BlockStart> own;
  std::int64_t falls_after = kNone;
  comm.agree([&] {
    if (first == end) return;
    const NumericDataset indptr = open_array(info, "indptr", info.documents + 1, options.piece_bytes);
    read_offsets(indptr, first, end, [&](Index begin, std::span<const std::int64_t> offsets) {
      const auto falls = std::adjacent_find(offsets.begin(), offsets.end(), std::greater<>());
      if (falls != offsets.end())
        falls_after = std::min(falls_after, begin - (begin > 0 ? 1 : 0) + (falls - offsets.begin()));
      const auto starts = block_starts(rule, begin, offsets.first(offsets.size() - 1));
      own.insert(own.end(), starts.begin(), starts.end());
    });
  });
  falls_after = comm.min(falls_after);
  if (falls_after != kNone) {
    throw InputError(fmt::format(
        "'{}' falls behind position {} (numbered from 0; must rise from 0 to {}, the number of entries); the "
        "file is damaged: make it again",
        array_of({info.file, info.group}, "indptr").text(), falls_after, info.entries));
  }
  return {comm.all_gather(std::span<const BlockStart>(own)), info.documents, info.entries, comm.rank(),
          comm.size()};
}

std::vector<std::int64_t> read_own_offsets(const CorpusFileInfo& info, const CorpusReadOptions& options,
                                           const CountPartition& partition) {
  const NumericDataset indptr = open_array(info, "indptr", info.documents + 1, options.piece_bytes);
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(partition.own_documents()) + 1);
  const Index first = partition.first_document(), end = first + partition.own_documents() + 1;
  for (Index begin = first; begin < end;) {
    const Index last = indptr.piece_end(begin, end);
    indptr.read(begin, last - begin, offsets.data() + (begin - first));
    begin = last;
  }
  if (offsets.front() != partition.first_entry() || !std::is_sorted(offsets.begin(), offsets.end()) ||
      offsets.back() != partition.first_entry() + partition.own_entries())
    refuse_changed(info);
  return offsets;
}

/// Hands a run of entries to the scan, document by document. `document` is that at hand, from own number 0.
void scan_run(std::int64_t first, std::span<const std::int64_t> words, std::span<const double> counts,
              std::span<const std::int64_t> offsets, Index first_document, Index& document, CountScan& scan) {
  const auto documents = static_cast<Index>(offsets.size()) - 1;
  const std::int64_t end = first + static_cast<std::int64_t>(words.size());
  for (std::int64_t entry = first;;) {
    while (document + 1 < documents && offsets[static_cast<std::size_t>(document) + 1] <= entry)
      scan.begin(first_document + ++document);
    if (entry == end) return;
    const std::int64_t stop = std::min(offsets[static_cast<std::size_t>(document) + 1], end);
    const auto at = static_cast<std::size_t>(entry - first), count = static_cast<std::size_t>(stop - entry);
    scan.add(words.subspan(at, count), counts.subspan(at, count));
    entry = stop;
  }
}

/// Reads the own entries piece by piece into shard and scan.
void read_own_entries(const CorpusFileInfo& info, const CorpusReadOptions& options, CountShard& shard,
                      CountScan& scan) {
  const CountPartition& partition = shard.partition();
  const std::vector<std::int64_t> offsets = read_own_offsets(info, options, partition);
  shard.fill_offsets(0, offsets);
  const NumericDataset indices = open_array(info, "indices", info.entries, options.piece_bytes);
  const NumericDataset data = open_array(info, "data", info.entries, options.piece_bytes);
  const std::int64_t begin = partition.first_entry(), end = begin + partition.own_entries();
  std::vector<std::int64_t> words;
  std::vector<std::int32_t> short_words;
  std::vector<double> counts;
  Faults too_large;  // read as numbers beyond 2^53, which the scan refuses
  Index document = 0;
  scan.begin(partition.first_document());
  for (std::int64_t first = begin; first < end;) {
    const Index last = data.piece_end(first, end), size = last - first;
    words.resize(static_cast<std::size_t>(size));
    counts.resize(words.size());
    indices.read(first, size, words.data());
    data.read_exact(first, size, counts.data(), too_large);
    scan_run(first, words, counts, offsets, partition.first_document(), document, scan);
    short_words.resize(words.size());
    std::transform(words.begin(), words.end(), short_words.begin(),
                   [](std::int64_t word) { return static_cast<std::int32_t>(word); });
    shard.fill(first - begin, short_words, counts);
    first = last;
  }
  if (begin == end) scan_run(begin, {}, {}, offsets, partition.first_document(), document, scan);
  require_unchanged(info.file, info.version, info.name());
  read_counters().records += partition.own_documents();
}

/// The sum of all counts and the number of empty documents.
void count_tokens(LoadedCorpus& corpus, const Communicator& comm) {
  ExactSum total(1);
  CountShard::Buffer buffer;
  Index empty = 0;
  for (Index i = 0; i < corpus.shard.block_count(); ++i) {
    const CountBlock block = corpus.shard.block(i, buffer);
    double tokens = 0;
    for (const double count : block.counts) tokens += count;
    total.add({&tokens, 1});
    for (Index n = 0; n < block.documents(); ++n) empty += block.document(n).size() == 0 ? 1 : 0;
  }
  ExactSum::Element element;
  total.store({&element, 1});
  comm.merge({&element, 1});
  total.load({&element, 1});
  total.round_into({&corpus.tokens, 1});
  corpus.empty_documents = comm.sum(empty);
}

}  // namespace

LoadedCorpus load_corpus(const CorpusFileInfo& info, const CorpusReadOptions& options,
                         const Communicator& comm) {
  const Stopwatch watch;
  LoadedCorpus corpus{.shard = CountShard(find_blocks(info, options, comm), info.vocabulary, info.storage,
                                          {info.name(), info.words})};
  CountScan scan(info.vocabulary, options.fractional_counts);
  comm.agree([&] {
    if (corpus.shard.own_documents() > 0) read_own_entries(info, options, corpus.shard, scan);
  });
  scan.merge(info.name(), comm);
  corpus.fingerprint = scan.fingerprint();
  count_tokens(corpus, comm);
  corpus.read_seconds = watch.seconds();
  read_counters().seconds += corpus.read_seconds;
  return corpus;
}

Document data_header(const LoadedCorpus& corpus) {
  const CountShard& shard = corpus.shard;
  Document header;
  header.set_attribute("/data", "source", shard.info().source);
  header.set_attribute("/data", "documents", shard.documents());
  header.set_attribute("/data", "vocabulary_size", shard.vocabulary());
  header.set_attribute("/data", "entries", shard.entries());
  header.set_attribute("/data", "tokens", corpus.tokens);
  if (!shard.info().words.empty())
    header.set("/data/vocabulary", NdArray{{shard.vocabulary()}, shard.info().words});
  const std::vector<std::int64_t> fingerprint(corpus.fingerprint.begin(), corpus.fingerprint.end());
  header.set("/fingerprint/data", NdArray{{2}, fingerprint});
  return header;
}

}  // namespace jensen::io
