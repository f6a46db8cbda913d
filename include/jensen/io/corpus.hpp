#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"
#include "jensen/data/count_matrix.hpp"
#include "jensen/data/count_shard.hpp"
#include "jensen/io/file_version.hpp"

namespace jensen::io {

/// What the header of a corpus says.
struct CorpusFileInfo {
  std::string file = {};
  std::string group = {};  // path in the file: "/corpus"
  Index documents = 0;
  Index vocabulary = 0;                                        // V
  std::int64_t entries = 0;                                    // of all documents
  CountShard::Storage storage = CountShard::Storage::float64;  // the smallest that holds the counts exactly
  std::vector<std::string> words = {};                         // V, or empty
  FileVersion version = {};                                    // as this rank saw it first

  /// "file.h5:/corpus".
  std::string name() const { return file + ":" + group; }
};

/// Finds a corpus by the name "FILE[:/group]": a group that holds documents x words as compressed sparse rows
/// (CSR); without a group it is the file's only such one. Rank 0 reads the header. Collective.
///
/// The group has the data sets `indptr` (integers, documents + 1: where a document's entries begin),
/// `indices` (integers: words, from 0, each once in a document) and `data` (numbers: how often the word
/// occurs), and `shape` (documents, V) as a data set or attribute, so that matrices of AnnData are found too.
/// The data set `vocabulary` (V strings) may name the words.
///
/// Throws InputError on every rank where there is no such group or it cannot be used: arrays of other lengths
/// or types, columns instead of rows, no document, no word in any document.
CorpusFileInfo inspect_corpus(const std::string& name, const Communicator& comm);

/// Whether the file is HDF5, no model file, and holds a sparse matrix. For one rank.
bool holds_corpus(const std::filesystem::path& file);

struct CorpusReadOptions {
  bool fractional_counts = false;                    // admit counts that are not whole numbers
  Index block_documents = 0;                         // 0: blocks by work, see CountBlockRule
  std::int64_t piece_bytes = std::int64_t{8} << 20;  // read at a time of one array; at most 256 MiB
};

/// A rank's documents and what is known of those of all ranks.
struct LoadedCorpus {
  CountShard shard;
  double tokens = 0;  // the sum of all counts
  Index empty_documents = 0;
  std::array<std::uint64_t, 2> fingerprint = {};  // of documents and V; independent of ranks and blocks
  double read_seconds = 0;                        // of this rank
};

/// Reads each rank's own documents, and only those, from the file; where documents begin, `indptr`, each rank
/// reads for its part and then for its own documents. Collective.
///
/// Throws InputError on every rank, with the same text on any number of ranks, where `indptr` does not rise
/// from 0 to the number of entries; where a word is not 0 ... V-1, or occurs twice in a
/// document; where a count is 0, negative, not finite, 2^53 or more or, unless admitted, not a whole number;
/// where the file cannot be read; and where it is not the one that `inspect_corpus` saw when all is read. A
/// document may be empty.
LoadedCorpus load_corpus(const CorpusFileInfo& info, const CorpusReadOptions& options,
                         const Communicator& comm);

/// What a file says of the corpus it was made from: the attributes `source`, `documents`, `vocabulary_size`,
/// `entries` and `tokens` of "/data"; "/data/vocabulary", where words have names; and "/fingerprint/data".
Document data_header(const LoadedCorpus& corpus);

/// Writes a corpus as a group of the form above, `words` being V names or none, and beside it the attributes
/// and arrays of `header`. Counts are stored as the
/// smallest of unsigned 16-bit integers, signed 32-bit integers and float64 that holds them all. The file
/// gets its name when it is on disk and has been read back. To be called on one rank. Throws IoError, and
/// UsageError for a path that cannot be a group.
void write_corpus_file(const std::filesystem::path& file, const std::string& group, const CountMatrix& corpus,
                       const std::vector<std::string>& words = {}, const Document& header = {});

}  // namespace jensen::io
