#include "import_hdf5_dataset.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <type_traits>

#include "hdf5_handle.hpp"

namespace jensen::io {
namespace {

void check(herr_t status) {
  if (status < 0) throw Hdf5Failure();
}

Hdf5Id property_list(hid_t kind) {
  return {H5Pcreate(kind), H5Pclose};
}

template <class T>
hid_t number_type() {
  return std::is_same_v<T, double> ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
}

Hdf5Id text_type() {
  Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  check(H5Tset_size(type, H5T_VARIABLE));
  check(H5Tset_cset(type, H5T_CSET_UTF8));
  return type;
}

Hdf5Id access() {
  auto list = property_list(H5P_FILE_ACCESS);
  check(H5Pset_file_locking(list, false, true));
  // Attributes above 64 KiB, the names of thousands of features, need the format of version 1.8.
  check(H5Pset_libver_bounds(list, H5F_LIBVER_V18, H5F_LIBVER_LATEST));
  check(H5Pset_fclose_degree(list, H5F_CLOSE_STRONG));
  return list;
}

/// Of what is created without its time: equal inputs give equal files.
Hdf5Id timeless(hid_t kind) {
  auto list = property_list(kind);
  check(H5Pset_obj_track_times(list, false));
  return list;
}

Hdf5Id create_file(const std::filesystem::path& file) {
  require_memory_for_file<IoError>("make '" + file.string() + "'");
  return {H5Fcreate(file.c_str(), H5F_ACC_TRUNC, timeless(H5P_FILE_CREATE), access()), H5Fclose};
}

/// The groups that the path leads through.
void create_groups(hid_t file, const std::string& path) {
  for (std::size_t begin = 0, end = path.find('/'); end != std::string::npos;
       begin = end + 1, end = path.find('/', begin)) {
    const std::string step = path.substr(begin, end - begin), group = path.substr(0, end);
    if (step.empty() || step == "." || H5Lexists(file, group.c_str(), H5P_DEFAULT) > 0) continue;
    const Hdf5Id made(H5Gcreate2(file, group.c_str(), H5P_DEFAULT, timeless(H5P_GROUP_CREATE), H5P_DEFAULT),
                      H5Gclose);
  }
}

template <class T>
Hdf5Id create_dataset(hid_t file, const DatasetPlan& plan, Index chunk_rows) {
  const auto columns = static_cast<hsize_t>(plan.features);
  const std::array<hsize_t, 2> none{0, columns}, most{H5S_UNLIMITED, columns};
  const std::array<hsize_t, 2> chunk{static_cast<hsize_t>(chunk_rows), columns};
  const Hdf5Id space(H5Screate_simple(2, none.data(), most.data()), H5Sclose);
  const auto creation = timeless(H5P_DATASET_CREATE);
  check(H5Pset_chunk(creation, 2, chunk.data()));
  create_groups(file, plan.path);
  return {H5Dcreate2(file, plan.path.c_str(), number_type<T>(), space, H5P_DEFAULT, creation, H5P_DEFAULT),
          H5Dclose};
}

void write_names(hid_t dataset, const std::vector<std::string>& names) {
  std::vector<const char*> texts;
  for (const auto& name : names) texts.push_back(name.c_str());
  const auto count = static_cast<hsize_t>(texts.size());
  const Hdf5Id space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  const auto type = text_type();
  Hdf5Id attribute(H5Acreate2(dataset, "feature_names", type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  check(H5Awrite(attribute, type, texts.data()));
  attribute.close();
}

std::vector<std::string> read_names(hid_t dataset) {
  const Hdf5Id attribute(H5Aopen(dataset, "feature_names", H5P_DEFAULT), H5Aclose);
  const Hdf5Id space(H5Aget_space(attribute), H5Sclose);
  const auto type = text_type();
  std::vector<char*> texts(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  check(H5Aread(attribute, type, texts.data()));
  std::vector<std::string> names;
  for (const char* text : texts) names.emplace_back(text == nullptr ? "" : text);
  check(H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts.data()));
  return names;
}

// Memory and file selections of `count` rows from `first`.
struct Rows {
  Rows(hid_t dataset, Index first, Index count, Index features)
      : file(H5Dget_space(dataset), H5Sclose),
        memory(H5Screate_simple(2, sizes(count, features).data(), nullptr), H5Sclose) {
    const std::array<hsize_t, 2> start{static_cast<hsize_t>(first), 0};
    check(H5Sselect_hyperslab(file, H5S_SELECT_SET, start.data(), nullptr, sizes(count, features).data(),
                              nullptr));
  }
  static std::array<hsize_t, 2> sizes(Index count, Index features) {
    return {static_cast<hsize_t>(count), static_cast<hsize_t>(features)};
  }

  Hdf5Id file, memory;
};

herr_t innermost(unsigned, const H5E_error2_t* error, void* text) {
  *static_cast<std::string*>(text) = error->desc == nullptr ? "" : error->desc;
  return 1;
}

std::string innermost_cause() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, &text);
  const std::string mark = "error message = '";  // of the system, within a long report
  const auto start = text.find(mark);
  if (start != std::string::npos) {
    text.erase(0, start + mark.size());
    text.erase(std::min(text.find('\''), text.size()));
  }
  return text.empty() ? "HDF5 gives no cause" : text;
}

}  // namespace

Hdf5Failure::Hdf5Failure() : std::runtime_error(innermost_cause()) {}

Hdf5Id::Hdf5Id(hid_t id, Close closer) : id_(id), close_(closer) {
  if (id_ < 0) throw Hdf5Failure();
}

Hdf5Id::~Hdf5Id() {
  if (id_ >= 0) close_(id_);
}

void Hdf5Id::close() {
  check(close_(std::exchange(id_, H5I_INVALID_HID)));
}

QuietHdf5::QuietHdf5() {
  require_memory_for_file<IoError>("start HDF5");
  H5Eget_auto2(H5E_DEFAULT, &print_, &stream_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

QuietHdf5::~QuietHdf5() {
  H5Eset_auto2(H5E_DEFAULT, print_, stream_);
}

template <class T>
GrowingDataset<T>::GrowingDataset(const std::filesystem::path& file, const DatasetPlan& plan,
                                  Index chunk_rows)
    : features_(plan.features),
      file_(create_file(file)),
      dataset_(create_dataset<T>(file_, plan, chunk_rows)) {
  if (!plan.feature_names.empty()) write_names(dataset_, plan.feature_names);
}

// Chunks go to the file as they are, past HDF5's cache of chunks, which never recovers from a failed write.
template <class T>
void GrowingDataset<T>::append_chunk(std::span<const T> chunk, Index rows) {
  const std::array<hsize_t, 2> start{static_cast<hsize_t>(rows_), 0};
  check(H5Dset_extent(dataset_, Rows::sizes(rows_ + rows, features_).data()));
  check(H5Dwrite_chunk(dataset_, H5P_DEFAULT, 0, start.data(), chunk.size_bytes(), chunk.data()));
  rows_ += rows;
}

template <class T>
void GrowingDataset<T>::close() {
  check(H5Fflush(file_,
                 H5F_SCOPE_LOCAL));  // all that may fail for want of space, while it can still be given up
  written_ = true;
  dataset_.close();
  file_.close();
}

// HDF5 1.10 crashes, at once or as the process ends, when it cannot write what it still holds as it closes a
// file. What is left to write to a file that is given up therefore goes to memory.
template <class T>
GrowingDataset<T>::~GrowingDataset() {
  void* descriptor = nullptr;
  if (written_ || H5Fget_vfd_handle(file_, H5P_DEFAULT, &descriptor) < 0) return;
  const int memory = ::memfd_create("jensen-import", MFD_CLOEXEC);
  if (memory < 0) return;
  ::dup2(memory, *static_cast<int*>(descriptor));
  ::close(memory);
}

template <class T>
ReadBack read_back(const std::filesystem::path& path, const DatasetPlan& plan, Index piece_rows) {
  const QuietHdf5 quiet;
  require_memory_for_file<IoError>("read back '" + path.string() + "'");
  const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access()), H5Fclose);
  const Hdf5Id dataset(H5Dopen2(file, plan.path.c_str(), H5P_DEFAULT), H5Dclose);
  const Hdf5Id space(H5Dget_space(dataset), H5Sclose);
  ReadBack found;
  std::array<hsize_t, H5S_MAX_RANK> sizes = {};
  const int rank = H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
  for (int i = 0; i < rank; ++i)
    found.shape.push_back(static_cast<Index>(sizes[static_cast<std::size_t>(i)]));
  if (rank != 2) return found;
  if (!plan.feature_names.empty()) found.feature_names = read_names(dataset);
  std::vector<T> values(static_cast<std::size_t>(piece_rows * found.shape[1]));
  for (Index first = 0; first < found.shape[0]; first += piece_rows) {
    const Index count = std::min(piece_rows, found.shape[0] - first);
    const Rows rows(dataset, first, count, found.shape[1]);
    check(H5Dread(dataset, number_type<T>(), rows.memory, rows.file, H5P_DEFAULT, values.data()));
    found.hash = fold<T>(found.hash, {values.data(), static_cast<std::size_t>(count * found.shape[1])});
  }
  return found;
}

template <class T>
std::uint64_t fold(std::uint64_t hash, std::span<const T> values) {
  using Bits = std::conditional_t<std::is_same_v<T, double>, std::uint64_t, std::uint32_t>;
  for (const T value : values) {  // each step maps hashes one to one
    hash = std::rotl((hash ^ std::bit_cast<Bits>(value)) * 0x9E3779B97F4A7C15u, 29);
  }
  return hash;
}

template class GrowingDataset<double>;
template class GrowingDataset<float>;
template ReadBack read_back<double>(const std::filesystem::path&, const DatasetPlan&, Index);
template ReadBack read_back<float>(const std::filesystem::path&, const DatasetPlan&, Index);
template std::uint64_t fold<double>(std::uint64_t, std::span<const double>);
template std::uint64_t fold<float>(std::uint64_t, std::span<const float>);

}  // namespace jensen::io
