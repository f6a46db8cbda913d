#include "chunk_check.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "hdf5_handle.hpp"

namespace jensen::io {
namespace {

constexpr std::size_t kChecksumBytes = 4;  // of Fletcher32

/// How many bytes a stream gives, `enough` at most; a broken one, which HDF5 will refuse: `enough`.
std::size_t inflated_bytes(const unsigned char* stream, std::size_t bytes, std::size_t enough) {
  z_stream state = {};
  state.next_in = const_cast<unsigned char*>(stream);
  state.avail_in = static_cast<unsigned>(bytes);
  if (inflateInit(&state) != Z_OK) return enough;
  std::array<unsigned char, 1 << 15> scratch;
  int status = Z_OK;
  while (status == Z_OK && state.total_out < enough) {
    state.next_out = scratch.data();
    state.avail_out = scratch.size();
    status = inflate(&state, Z_SYNC_FLUSH);
  }
  const std::size_t given = state.total_out;
  inflateEnd(&state);
  return status == Z_STREAM_END ? std::min(given, enough) : enough;
}

/// A stream of szip begins with how many bytes it gives, least first.
std::size_t szip_bytes(const std::vector<unsigned char>& stream) {
  std::uint32_t bytes = 0;
  if (stream.size() >= sizeof(bytes)) std::memcpy(&bytes, stream.data(), sizeof(bytes));
  return bytes;
}

}  // namespace

ChunkCheck::ChunkCheck(hid_t dataset, std::vector<Index> chunk, std::string name)
    : chunk_(std::move(chunk)), name_(std::move(name)) {
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const int count = H5Pget_nfilters(creation.get());
  for (int i = 0; i < count; ++i) {
    Filter filter = {};
    unsigned flags = 0;
    std::size_t values = filter.values.size();
    filter.id = H5Pget_filter2(creation.get(), static_cast<unsigned>(i), &flags, &values,
                               filter.values.data(), 0, nullptr, nullptr);
    filters_.push_back(filter);
  }
  unsigned options = 0;
  H5Pget_chunk_opts(creation.get(), &options);
  edges_are_plain_ = (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;
  const Handle space(H5Dget_space(dataset), H5Sclose);
  shape_ = shape_of(space.get());
  bytes_ = H5Tget_size(type.get());
  for (const Index extent : chunk_) bytes_ *= static_cast<std::size_t>(extent);
  file_bytes_ = file_bytes(dataset, "'" + name_ + "'");
}

void ChunkCheck::require_whole(hid_t dataset, Index first, Index rows, Index width) {
  if (filters_.empty() || chunk_.size() > 2) return;
  const Index begin = first - first % chunk_[0], across = chunk_.size() == 2 ? chunk_[1] : width;
  for (Index row = std::max(begin, looked_at_); row < first + rows; row += chunk_[0]) {
    for (Index column = 0; column < width; column += across) {
      std::vector<hsize_t> offset = {static_cast<hsize_t>(row), static_cast<hsize_t>(column)};
      offset.resize(chunk_.size());
      require_whole(dataset, offset);
    }
    looked_at_ = row + chunk_[0];
  }
}

/// Whether a chunk that begins there ends beyond the data.
bool ChunkCheck::is_at_edge(const std::vector<hsize_t>& offset) const {
  for (std::size_t d = 0; d < offset.size(); ++d) {
    if (static_cast<Index>(offset[d]) > shape_[d] - chunk_[d]) return true;
  }
  return false;
}

std::optional<std::size_t> ChunkCheck::given(const Filter& filter, std::size_t bytes) {
  const auto& told = filter.values;
  const std::size_t told_bytes = std::size_t{told[2]} * told[4];  // so many numbers of so many bytes
  switch (filter.id) {
    case H5Z_FILTER_SHUFFLE:
      return bytes;
    case H5Z_FILTER_FLETCHER32:
      return bytes - std::min(bytes, kChecksumBytes);
    case H5Z_FILTER_SCALEOFFSET:
      return told_bytes;
    case H5Z_FILTER_NBIT:
      return told[1] != 0 ? bytes : told_bytes;  // not compressed
    case H5Z_FILTER_SZIP:
      return szip_bytes(stored_);
    case H5Z_FILTER_DEFLATE:
      if (std::exchange(inflated_, true)) return {};
      return inflated_bytes(stored_.data(), bytes, bytes_ + kChecksumBytes * filters_.size());
    default:
      return {};
  }
}

void ChunkCheck::require_whole(hid_t dataset, const std::vector<hsize_t>& offset) {
  hsize_t size = 0;
  if (H5Dget_chunk_storage_size(dataset, offset.data(), &size) < 0 || size == 0) return;
  if (size > file_bytes_) {
    throw InputError(
        fmt::format("'{}' has a chunk of {} bytes (the file has {}); it is damaged: use another copy", name_,
                    size, file_bytes_));
  }
  stored_.resize(size);
  std::uint32_t skipped = 0;
  if (H5Dread_chunk(dataset, H5P_DEFAULT, offset.data(), &skipped, stored_.data()) < 0) return;
  if (edges_are_plain_ && is_at_edge(offset)) skipped = ~0u;
  std::size_t bytes = size;
  bool as_stored = true;
  for (std::size_t i = filters_.size(); i-- > 0;) {
    if (i < 32 && (skipped >> i & 1U) != 0) continue;
    const bool has_stream = filters_[i].id == H5Z_FILTER_DEFLATE || filters_[i].id == H5Z_FILTER_SZIP;
    const auto left = has_stream && !as_stored ? std::nullopt : given(filters_[i], bytes);
    if (!left) return;
    bytes = *left;
    as_stored = as_stored && filters_[i].id == H5Z_FILTER_FLETCHER32;
  }
  if (bytes >= bytes_) return;
  throw InputError(
      fmt::format("'{}' has chunks of {} bytes (must be {}); the file is damaged: use another copy", name_,
                  bytes, bytes_));
}

}  // namespace jensen::io
