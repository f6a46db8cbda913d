#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "csr_group.hpp"
#include "hdf5_document.hpp"
#include "hdf5_strings.hpp"
#include "jensen/io/corpus.hpp"
#include "temporary_file.hpp"

namespace jensen::io {
namespace {

template <class T>
bool all_fit(const std::vector<double>& counts) {
  return std::all_of(counts.begin(), counts.end(), [](double count) {
    return count == std::floor(count) && count <= static_cast<double>(std::numeric_limits<T>::max());
  });
}

hid_t count_type(const std::vector<double>& counts) {
  if (all_fit<std::uint16_t>(counts)) return H5T_STD_U16LE;
  return all_fit<std::int32_t>(counts) ? H5T_STD_I32LE : H5T_IEEE_F64LE;
}

/// The arrays of a corpus, each with how it is written and read back.
template <class Visit>
void visit_arrays(const CountMatrix& corpus, Visit visit) {
  visit("indptr", H5T_STD_I64LE, H5T_NATIVE_INT64, corpus.offsets);
  visit("indices", H5T_STD_I32LE, H5T_NATIVE_INT32, corpus.words);
  visit("data", count_type(corpus.counts), H5T_NATIVE_DOUBLE, corpus.counts);
  visit("shape", H5T_STD_I64LE, H5T_NATIVE_INT64,
        std::vector<std::int64_t>{corpus.documents(), corpus.vocabulary});
}

/// A file whose identifiers are not closed where it could not be completed: HDF5 would crash at exit.
class Output {
 public:
  explicit Output(const std::filesystem::path& file) : file_(create_output(file)) {}
  ~Output() {
    for (Handle& dataset : datasets_) dataset.abandon();
    file_.abandon();
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(const DatasetName& name, hid_t type, hid_t memory_type, std::size_t size, const void* values) {
    datasets_.push_back(create_array(file_.get(), name.path, type, {static_cast<Index>(size)}));
    if (size == 0) return;
    checked<IoError>(H5Dwrite(datasets_.back().get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values),
                     fmt::format("write '{}'", name.text()));
  }

  void write(const Document& header) { write_document(file_.get(), header); }

  void close(const std::filesystem::path& target) {
    const std::string what = fmt::format("complete '{}'", target.string());
    checked<IoError>(H5Fflush(file_.get(), H5F_SCOPE_GLOBAL), what);
    for (Handle& dataset : datasets_) checked<IoError>(dataset.close(), what);
    checked<IoError>(file_.close(), what);
  }

 private:
  Handle file_;
  std::vector<Handle> datasets_;
};

template <class T>
bool reads_back(const NumericDataset& dataset, hid_t memory_type, const std::vector<T>& values) {
  if (dataset.shape() != std::vector<Index>{static_cast<Index>(values.size())}) return false;
  std::vector<T> found;
  const auto size = static_cast<Index>(values.size());
  for (Index first = 0; first < size;) {
    const Index last = dataset.piece_end(first, size);
    found.resize(static_cast<std::size_t>(last - first));
    const Handle space(H5Dget_space(dataset.id()), H5Sclose);
    const Handle memory = select_rows(space.get(), dataset.shape(), first, last - first);
    if (H5Dread(dataset.id(), memory_type, memory.get(), space.get(), H5P_DEFAULT, found.data()) < 0)
      return false;
    if (!std::equal(found.begin(), found.end(), values.begin() + first)) return false;
    first = last;
  }
  return true;
}

void verify(const DatasetName& group, const std::filesystem::path& target, const CountMatrix& corpus,
            const std::vector<std::string>& words) {
  bool same = false;
  try {
    same = read_vocabulary(group) == words;
    visit_arrays(corpus, [&](const char* name, hid_t, hid_t memory_type, const auto& values) {
      same = same && reads_back(NumericDataset(array_of(group, name)), memory_type, values);
    });
  } catch (const InputError& error) {
    throw IoError(fmt::format("cannot read back '{}' ({}); write elsewhere", target.string(), error.what()));
  }
  if (same) return;
  throw IoError(
      fmt::format("'{}' does not read back as it was written; the disk or file system is failing: write "
                  "elsewhere",
                  target.string()));
}

}  // namespace

void write_corpus_file(const std::filesystem::path& file, const std::string& group, const CountMatrix& corpus,
                       const std::vector<std::string>& words, const Document& header) {
  if (!group.starts_with('/') || group.ends_with('/') || group.find('\0') != std::string::npos)
    throw UsageError(fmt::format("dataset = '{}' (must be a path such as '/corpus')", group));
  TemporaryFile temporary(file);
  const DatasetName name{temporary.path().string(), group};
  {
    Output output(temporary.path());
    visit_arrays(corpus, [&](const char* array, hid_t type, hid_t memory_type, const auto& values) {
      output.write(array_of(name, array), type, memory_type, values.size(), values.data());
    });
    if (!words.empty()) {
      const Handle type = text_type();
      output.write(array_of(name, "vocabulary"), type.get(), type.get(), words.size(),
                   as_pointers(words).data());
    }
    output.write(header);
    output.close(file);
  }
  temporary.sync();
  verify(name, file, corpus, words);
  temporary.publish();
}

}  // namespace jensen::io
