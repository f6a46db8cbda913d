#include <fmt/format.h>

#include <array>
#include <fstream>
#include <limits>
#include <span>

#include "csr_group.hpp"
#include "jensen/io/corpus.hpp"
#include "joined_texts.hpp"

namespace jensen::io {
namespace {

/// Opens an array of one dimension.
NumericDataset open_array(const DatasetName& group, const char* array, bool integers) {
  NumericDataset dataset(array_of(group, array));
  if (dataset.shape().size() != 1) {
    throw InputError(fmt::format("'{}' has shape {} (must have one dimension)", dataset.name(),
                                 shape_text(dataset.shape())));
  }
  if (integers && !dataset.integer()) {
    throw InputError(
        fmt::format("'{}' holds floating-point numbers (must hold integers); convert it, in numpy "
                    "by astype('int64')",
                    dataset.name()));
  }
  if (dataset.shape()[0] > 0) dataset.require_written();
  return dataset;
}

void require_documents(const NumericDataset& indptr, const std::vector<std::int64_t>& shape) {
  const Index found = indptr.shape()[0];
  if (shape[0] >= 0 && found - 1 == shape[0]) return;
  const bool columns = found - 1 == shape[1];
  throw InputError(fmt::format(
      "'{}' has {} values (must be {}, one more than the {} documents of the shape {} x {}); {}",
      indptr.name(), found, static_cast<std::uint64_t>(shape[0]) + 1, shape[0], shape[0], shape[1],
      columns ? "it seems to hold columns: transpose the matrix or convert it to rows, in scipy by tocsr()"
              : "correct it or the shape"));
}

void require_words(const std::vector<std::int64_t>& shape, const DatasetName& name) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (shape[1] >= 0 && shape[1] <= kMost) return;
  throw InputError(fmt::format("'{}' has a vocabulary of {} words (must be at most {}); leave out rare words",
                               name.text(), shape[1], kMost));
}

/// The ends of `indptr` and the lengths of the other two.
void require_entries(const NumericDataset& indptr, Index entries, Index counts) {
  std::int64_t first = 0, last = 0;
  indptr.read(0, 1, &first);
  indptr.read(indptr.shape()[0] - 1, 1, &last);
  if (first != 0) {
    throw InputError(fmt::format("'{}' begins with {} (must begin with 0)", indptr.name(), first));
  }
  if (last == entries && counts == entries) return;
  throw InputError(
      fmt::format("'{}' ends with {}, and there are {} 'indices' and {} of 'data' (must be the same number); "
                  "the file is damaged or was not written to its end: make it again",
                  indptr.name(), last, entries, counts));
}

CorpusFileInfo read_header(const std::string& text) {
  const DatasetName name = find_csr_group(text);
  require_rows(name);
  const std::vector<std::int64_t> shape = read_csr_shape(name);
  const NumericDataset indptr = open_array(name, "indptr", true);
  const NumericDataset indices = open_array(name, "indices", true);
  const NumericDataset counts = open_array(name, "data", false);
  require_documents(indptr, shape);
  require_words(shape, name);
  if (shape[0] == 0)
    throw InputError(fmt::format("'{}' has no documents (must have one at least)", name.text()));
  require_entries(indptr, indices.shape()[0], counts.shape()[0]);
  CorpusFileInfo info{.file = name.file,
                      .group = name.path,
                      .documents = shape[0],
                      .vocabulary = shape[1],
                      .entries = counts.shape()[0],
                      .words = read_vocabulary(name)};
  if (info.entries == 0) {
    throw InputError(fmt::format("'{}' has no tokens: none of its {} documents has a word (one must have)",
                                 name.text(), shape[0]));
  }
  if (counts.fits_float()) info.storage = CountShard::Storage::float32;
  if (!info.words.empty() && static_cast<Index>(info.words.size()) != info.vocabulary) {
    throw InputError(fmt::format("'{}' has names for {} words (the shape has {}); remove or correct them",
                                 name.text(), info.words.size(), info.vocabulary));
  }
  return info;
}

/// So that the content of one is looked at only when its hash has been.
bool begins_as_model_file(const std::filesystem::path& file) {
  const std::string beginning = "jensen-model";
  std::string found(beginning.size(), '\0');
  std::ifstream(file, std::ios::binary).read(found.data(), static_cast<std::streamsize>(found.size()));
  return found == beginning;
}

}  // namespace

CorpusFileInfo inspect_corpus(const std::string& name, const Communicator& comm) {
  const FileVersion version = version_of(DatasetName::parse(name).file);
  CorpusFileInfo info;
  comm.on_root([&] { info = read_header(name); });
  info.version = version;
  const bool floats = info.storage == CountShard::Storage::float32;
  std::array<std::int64_t, 4> numbers = {info.documents, info.vocabulary, info.entries, floats ? 1 : 0};
  std::string words = joined(info.words);
  comm.broadcast(std::span<std::int64_t>(numbers));
  comm.broadcast(info.file);
  comm.broadcast(info.group);
  comm.broadcast(words);
  info.documents = numbers[0];
  info.vocabulary = numbers[1];
  info.entries = numbers[2];
  info.storage = numbers[3] == 1 ? CountShard::Storage::float32 : CountShard::Storage::float64;
  info.words = separated(words);
  return info;
}

bool holds_corpus(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored) || begins_as_model_file(file)) return false;
  try {
    return !list_csr_groups(open_input(file).get()).empty();
  } catch (const InputError&) {
    return false;  // no HDF5
  }
}

}  // namespace jensen::io
