#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/data/record_layout.hpp"
#include "jensen/data/shard.hpp"
#include "jensen/io/file_version.hpp"

namespace jensen::io {

/// What the header of a dense data set says.
struct DatasetInfo {
  std::string file = {};
  std::string dataset = {};  // path in the file: "/data"
  Index records = 0;
  Index features = 0;
  DenseShard::Storage storage = DenseShard::Storage::float64;  // the smallest that holds the values exactly
  std::vector<std::string> feature_names = {};                 // D, or empty
  FileVersion version = {};                                    // as this rank saw it first

  /// "file.h5:/data".
  std::string name() const { return file + ":" + dataset; }
};

/// Finds a dense data set, N x D integers or floating-point numbers of 32 or 64 bits, by the name
/// "FILE[:/dataset]"; without a data set it is the file's only numeric one of two dimensions. Rank 0 reads
/// the header. Feature names come from the attribute `feature_names` of the data set. Collective.
///
/// Throws InputError on every rank where there is no such data set or it cannot be used: another shape or
/// type, nothing in it, values that were never written or lie in other files.
DatasetInfo inspect(const std::string& name, const Communicator& comm);

struct ReadOptions {
  std::string weights = {};  // frequency weights, N: a data set of the same file ("/w"), or "FILE:/w"
  Index block_rows = 0;      // 0: default_block_rows
  std::int64_t piece_bytes = std::int64_t{8} << 20;  // read at a time; at most 256 MiB
};

/// A rank's records and what is known of those of all ranks.
struct LoadedData {
  DenseShard shard;
  Vector minimum = {}, maximum = {};              // D, over all ranks; records of weight 0 left out
  std::array<std::uint64_t, 2> fingerprint = {};  // of records and weights; independent of ranks and blocks
  double read_seconds = 0;                        // of this rank
};

/// Reads each rank's own records, and only those, from the file. Collective.
///
/// Throws InputError on every rank, with the same text on any number of ranks, where a value is NaN or
/// infinite, an integer is beyond 2^53, or a weight is negative or not finite or all are zero; where the file
/// cannot be read; and where it is not the one that `inspect` saw when all is read.
LoadedData load(const DatasetInfo& info, const ReadOptions& options, const Communicator& comm);

/// What a file says of the data it was made from: attributes of "/data", the feature names, and
/// "/fingerprint/data".
Document data_header(const LoadedData& data);

/// The own labels from the data set "FILE:/dataset" of N integers. Collective; throws InputError.
std::vector<std::int64_t> load_labels(const std::string& name, const RecordLayout& layout,
                                      const Communicator& comm);

/// One number for each own record.
struct LoadedColumn {
  std::vector<double> values = {};
  std::array<std::uint64_t, 2> fingerprint = {};  // of all records'; independent of ranks
};

/// From the data set "FILE:/dataset", or "/dataset" of `data_file`, of N numbers; `what` they are is for
/// messages: "responses". Collective. Throws InputError on every rank where there is no such data set, its
/// shape is another, or a value is NaN, infinite or an integer beyond 2^53.
LoadedColumn load_column(const std::string& name, const std::string& data_file, const std::string& what,
                         const RecordLayout& layout, const Communicator& comm);

/// All of a data set so named, which has `size` positive numbers, one for each `of_what`; on every rank the
/// same. Collective. Throws InputError on every rank.
std::vector<double> load_positive(const std::string& name, const std::string& data_file, Index size,
                                  const char* of_what, const Communicator& comm);

/// Whether there is such a data set of numbers. Collective.
bool has_column(const std::string& name, const std::string& data_file, const Communicator& comm);

/// The own responsibilities, own records x K, from the data set "FILE:/dataset" of N x K numbers. Rows are
/// finite, not negative and add up to 1 within 1e-6. Collective; throws InputError.
RowMatrix load_responsibilities(const std::string& name, const RecordLayout& layout,
                                const Communicator& comm);

/// Records that this process has read with `load`, or documents with `load_corpus`, and the seconds it took.
Index rows_read();
double read_seconds();

}  // namespace jensen::io
