#include "numeric_dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hdf5_objects.hpp"
#include "jensen/core/fail_point.hpp"

namespace jensen::io {
namespace {

constexpr std::int64_t kExactLimit = std::int64_t{1} << 53;
constexpr std::int64_t kCachedBytes = std::int64_t{1} << 20;

Handle open_dataset(hid_t file, const DatasetName& name, hid_t access) {
  const Handle object(H5Oopen(file, name.path.c_str(), H5P_DEFAULT), H5Oclose);
  if (!object.valid()) {
    const std::string reason = hdf5_reason();
    H5L_info_t link;
    const herr_t linked = H5Lget_info(file, name.path.c_str(), &link, H5P_DEFAULT);
    if (linked >= 0 && link.type == H5L_TYPE_HARD) {
      throw InputError(fmt::format("cannot open '{}' (HDF5: {}); the file is damaged: use another copy",
                                   name.text(), reason));
    }
    throw InputError(fmt::format("no data set '{}' in '{}'; the file holds {}", name.path, name.file,
                                 describe(list_datasets(file))));
  }
  if (H5Iget_type(object.get()) != H5I_DATASET) {
    throw InputError(
        fmt::format("'{}' is not a data set; the file holds {}", name.text(), describe(list_datasets(file))));
  }
  return {
      checked<InputError>(H5Dopen2(file, name.path.c_str(), access), fmt::format("open '{}'", name.text())),
      H5Dclose};
}

Handle space_of(hid_t dataset) {
  return {checked<InputError>(H5Dget_space(dataset), "read the shape of a data set"), H5Sclose};
}

void require_addressable(const std::vector<Index>& shape, const std::string& name) {
  std::int64_t bytes = sizeof(double);
  for (const Index extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(bytes, std::max<Index>(extent, 1), &bytes)) {
      throw InputError(fmt::format(
          "'{}' has shape {}, more values than 64-bit addresses reach; the file is damaged or mislabelled",
          name, shape_text(shape)));
    }
  }
}

/// Before memory is asked for: `values` that are stored as they are take their room in the file, which
/// HDF5 1.10 does not look at.
void require_room_in_file(hid_t dataset, std::uint64_t values, const std::vector<Index>& shape,
                          const std::string& name) {
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const std::uint64_t bytes = values * H5Tget_size(type.get());
  const std::uint64_t stored = H5Dget_storage_size(dataset);
  if (bytes <= stored && bytes <= file_bytes(dataset, "'" + name + "'")) return;
  throw InputError(
      fmt::format("'{}' has shape {}, more values than the file holds; it is damaged: use another copy", name,
                  shape_text(shape)));
}

std::uint64_t count_values(const std::vector<Index>& shape) {
  std::uint64_t values = 1;
  for (const Index extent : shape) values *= static_cast<std::uint64_t>(extent);
  return values;
}

/// Chunks of so many `values` in all, stored as they are: their index gives the bytes of each, and HDF5 1.10
/// reads a whole chunk whatever it says.
void require_plain_chunks(hid_t dataset, std::uint64_t values, const std::string& name) {
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const std::uint64_t expected = values * H5Tget_size(type.get()), stored = H5Dget_storage_size(dataset);
  if (stored == expected) return;
  throw InputError(
      fmt::format("'{}' has chunks without filters of {} bytes in all (must be {}); the file is damaged: use "
                  "another copy",
                  name, stored, expected));
}

/// No plugins are loaded.
void require_filters(hid_t creation, const std::string& name) {
  const int count = H5Pget_nfilters(creation);
  for (int i = 0; i < count; ++i) {
    std::array<char, 64> title = {};
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr,
                                               title.size() - 1, title.data(), &config);
    if (filter >= 0 && H5Zfilter_avail(filter) > 0) continue;
    throw InputError(fmt::format(
        "'{}' is stored with the filter {} ('{}'), which jensen does not have (must be one of HDF5's own); "
        "rewrite it with gzip, as by 'h5repack -f GZIP=6 old.h5 new.h5'",
        name, filter, title.data()));
  }
}

/// Whether the values lie in the file one behind the other, and were written.
bool is_stored_whole(hid_t dataset) {
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(creation.get());
  if (layout == H5D_COMPACT) return true;
  return layout == H5D_CONTIGUOUS && H5Pget_external_count(creation.get()) == 0 &&
         H5Dget_storage_size(dataset) > 0;
}

std::vector<Index> chunk_of(hid_t dataset, std::size_t rank) {
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  if (H5Pget_layout(creation.get()) != H5D_CHUNKED) return {};
  std::vector<hsize_t> chunk(rank);
  if (H5Pget_chunk(creation.get(), static_cast<int>(rank), chunk.data()) < 0) return {};
  if (std::find(chunk.begin(), chunk.end(), hsize_t{0}) != chunk.end()) {
    throw InputError("a data set has chunks without values; the file is damaged: use another copy");
  }
  return {chunk.begin(), chunk.end()};
}

/// Chunks beside each other in one slab of rows.
Index chunks_across(const std::vector<Index>& shape, const std::vector<Index>& chunk) {
  Index count = 1;
  for (std::size_t d = 1; d < shape.size(); ++d) count *= (shape[d] + chunk[d] - 1) / chunk[d];
  return count;
}

}  // namespace

DatasetName DatasetName::parse(const std::string& name) {
  const std::size_t split = name.rfind(":/");
  if (split == std::string::npos) return {name, {}};
  return {name.substr(0, split), name.substr(split + 1)};
}

DatasetName DatasetName::parse_in(const std::string& name, const std::string& file) {
  const DatasetName parsed = parse(name);
  if (!parsed.path.empty()) return parsed;
  return {file, name.starts_with('/') ? name : '/' + name};
}

std::vector<Candidate> list_datasets(hid_t file) {
  std::vector<Candidate> candidates;
  for (const auto& [path, type] : list_objects(file).found) {
    if (type != H5O_TYPE_DATASET) continue;
    const Handle dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose);
    if (!dataset.valid()) continue;
    const Handle space(H5Dget_space(dataset.get()), H5Sclose);
    const Handle numbers(H5Dget_type(dataset.get()), H5Tclose);
    candidates.push_back({path, shape_of(space.get()), is_numeric(numbers.get())});
  }
  return candidates;
}

std::string describe(const std::vector<Candidate>& candidates) {
  constexpr std::size_t kListed = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(candidates.size(), kListed); ++i) {
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", candidates[i].path, shape_text(candidates[i].shape));
  }
  if (candidates.size() > kListed) text += ", ...";
  return candidates.empty() ? "no data set" : text;
}

NumericDataset::NumericDataset(const DatasetName& name, std::int64_t piece_bytes)
    : name_(name), file_(open_input(name.file)) {
  dataset_ = open_dataset(file_.get(), name_, H5P_DEFAULT);
  const Handle type(checked<InputError>(H5Dget_type(dataset_.get()), fmt::format("read '{}'", name.text())),
                    H5Tclose);
  kind_ = number_kind(type.get(), name.text());
  const Handle space = space_of(dataset_.get());
  if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) {
    throw InputError(fmt::format("'{}' holds no values (a null data space)", name.text()));
  }
  shape_ = shape_of(space.get());
  require_addressable(shape_, name.text());
  if (is_stored_whole(dataset_.get()))
    require_room_in_file(dataset_.get(), count_values(shape_), shape_, name.text());
  if (!shape_.empty()) plan_pieces(piece_bytes);
}

void NumericDataset::plan_pieces(std::int64_t piece_bytes) {
  const std::int64_t value_bytes = fits_float() ? sizeof(float) : sizeof(double);
  Index values = 1;
  for (std::size_t d = 1; d < shape_.size(); ++d) values *= std::max<Index>(shape_[d], 1);
  piece_rows_ =
      std::max<Index>(std::clamp<std::int64_t>(piece_bytes, 1, kMostBytes) / value_bytes / values, 1);

  const std::vector<Index> chunk = chunk_of(dataset_.get(), shape_.size());
  if (chunk.empty()) {
    // What is read in one piece is still in the cache when it is looked at.
    piece_rows_ = std::max<Index>(std::min(piece_rows_, kCachedBytes / value_bytes / values), 1);
    return;
  }
  chunks_ = ChunkCheck(dataset_.get(), chunk, name());
  if (piece_rows_ >= chunk[0]) {
    piece_rows_ -= piece_rows_ % chunk[0];
    aligned_ = true;
    return;
  }
  const Handle type(H5Dget_type(dataset_.get()), H5Tclose);
  const Index across = chunks_across(shape_, chunk);
  std::size_t bytes = H5Tget_size(type.get()) * static_cast<std::size_t>(across);
  for (const Index extent : chunk) bytes *= static_cast<std::size_t>(extent);
  const Handle access = make_properties(H5P_DATASET_ACCESS);
  // Fewer slots than this and neighbouring chunks would push each other out: the table has no chains.
  const std::size_t slots = 4 * static_cast<std::size_t>(across) + 1;
  H5Pset_chunk_cache(access.get(), slots, std::min<std::size_t>(bytes, kMostBytes), 1.0);
  dataset_.close();  // a second opening would share the first one's cache
  dataset_ = open_dataset(file_.get(), name_, access.get());
}

void NumericDataset::require_written() const {
  const Handle creation(H5Dget_create_plist(dataset_.get()), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(creation.get());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(creation.get()) > 0) {
    throw InputError(
        fmt::format("'{}' refers to values in other files ({} storage); copy it into one file, for instance "
                    "with h5repack",
                    name(), layout == H5D_VIRTUAL ? "virtual" : "external"));
  }
  require_filters(creation.get(), name());
  bool written = true;
  std::uint64_t in_chunks = 0;  // values, those beyond the edges too
  if (layout ==
      H5D_CHUNKED) {  // HDF5 1.10 reports compressed chunks as partly allocated, so they are counted
    const std::vector<Index> chunk = chunk_of(dataset_.get(), shape_.size());
    const Index expected = (shape_[0] + chunk[0] - 1) / chunk[0] * chunks_across(shape_, chunk);
    hsize_t found = 0;
    H5Dget_num_chunks(dataset_.get(), space_of(dataset_.get()).get(), &found);
    written = found == static_cast<hsize_t>(expected);
    in_chunks = found * count_values(chunk);
  } else {
    H5D_space_status_t status = H5D_SPACE_STATUS_ERROR;
    H5Dget_space_status(dataset_.get(), &status);
    written = status == H5D_SPACE_STATUS_ALLOCATED;
  }
  if (!written) {
    throw InputError(fmt::format(
        "'{}' was created but not all of its values were ever written; let the program that makes it finish",
        name()));
  }
  if (layout == H5D_CHUNKED && H5Pget_nfilters(creation.get()) == 0) {
    require_room_in_file(dataset_.get(), in_chunks, shape_, name());
    require_plain_chunks(dataset_.get(), in_chunks, name());
  }
}

Index NumericDataset::piece_end(Index first, Index last) const {
  const Index end = aligned_ ? (first / piece_rows_ + 1) * piece_rows_ : first + piece_rows_;
  return std::min(end, last);
}

void NumericDataset::read_as(Index first, Index rows, hid_t memory_type, void* into) const {
  JENSEN_FAIL_POINT("read");
  if (rows > 0) chunks_.require_whole(dataset_.get(), first, rows, shape_.size() > 1 ? shape_[1] : 1);
  const Handle space = space_of(dataset_.get());
  const Handle memory = select_rows(space.get(), shape_, first, rows);
  checked<InputError>(H5Dread(dataset_.get(), memory_type, memory.get(), space.get(), H5P_DEFAULT, into),
                      fmt::format("read rows {} to {} of '{}'", first, first + rows, name()));
}

void NumericDataset::read(Index first, Index rows, float* into) const {
  read_as(first, rows, H5T_NATIVE_FLOAT, into);
}
void NumericDataset::read(Index first, Index rows, double* into) const {
  read_as(first, rows, H5T_NATIVE_DOUBLE, into);
}
void NumericDataset::read(Index first, Index rows, std::int64_t* into) const {
  read_as(first, rows, H5T_NATIVE_INT64, into);
}

void NumericDataset::read_exact(Index first, Index rows, double* into, Faults& too_large) const {
  if (kind_ != NumberKind::integer64 && kind_ != NumberKind::unsigned64) return read(first, rows, into);
  const std::size_t width = shape_.size() > 1 ? static_cast<std::size_t>(shape_[1]) : 1;
  // Unsigned numbers beyond 2^63 - 1 are read as that, which is too large as well.
  std::vector<std::int64_t> integers(static_cast<std::size_t>(rows) * width);
  read(first, rows, integers.data());
  for (std::size_t i = 0; i < integers.size(); ++i) {
    if (integers[i] > kExactLimit || integers[i] < -kExactLimit) {
      too_large.add({first + static_cast<Index>(i / width), static_cast<Index>(i % width)});
    }
    into[i] = static_cast<double>(integers[i]);
  }
}

}  // namespace jensen::io
