#pragma once

#include <hdf5.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen::io {

/// Looks at stored chunks before HDF5 1.10 decodes them: it takes for granted that they give as many bytes as
/// a chunk has, and reads beyond what they do give. Knows HDF5's own filters; others pass.
class ChunkCheck {
 public:
  ChunkCheck() = default;  // of data that are not in chunks

  /// `chunk`: its dimensions; `name` is that of the data set.
  ChunkCheck(hid_t dataset, std::vector<Index> chunk, std::string name);

  /// Looks at the chunks of rows [first, first + rows), each only once if rows rise; `width` is that of the
  /// data. Throws InputError. Where chunks are compressed by gzip, how much they give is found out for the
  /// first one alone: the streams of the others have checksums.
  void require_whole(hid_t dataset, Index first, Index rows, Index width);

 private:
  struct Filter {
    H5Z_filter_t id;
    std::array<unsigned, 5> values;  // the first of what it was told, which suffice
  };

  void require_whole(hid_t dataset, const std::vector<hsize_t>& offset);
  bool is_at_edge(const std::vector<hsize_t>& offset) const;
  /// How many bytes a filter gives of so many; nothing where that cannot be told.
  std::optional<std::size_t> given(const Filter& filter, std::size_t bytes);

  std::vector<Index> chunk_;
  std::vector<Index> shape_;  // of the data
  std::string name_;
  std::vector<Filter> filters_;   // as they were applied
  bool edges_are_plain_ = false;  // but not to chunks that end beyond the data
  std::size_t bytes_ = 0;         // of a chunk
  std::uint64_t file_bytes_ = 0;
  Index looked_at_ = 0;    // rows
  bool inflated_ = false;  // a first one
  std::vector<unsigned char> stored_;
};

}  // namespace jensen::io
