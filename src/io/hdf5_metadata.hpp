#pragma once

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace jensen::io {

/// What HDF5 1.10 takes for granted of metadata, and crashes on, overruns memory by, or never comes to the
/// end of: looked at before it gets them. Layouts are those of the HDF5 File Format Specification 3.0;
/// addresses and lengths in the file must have 8 bytes.
class Hdf5Metadata {
 public:
  /// Fills `into` with the bytes of the file from an address on; false where it cannot.
  using Read = std::function<bool(haddr_t address, std::span<std::byte> into)>;

  /// `base`: where address 0 of the metadata lies. `size`: of the whole file, in bytes.
  Hdf5Metadata(Read read, haddr_t base, haddr_t size) : read_(std::move(read)), base_(base), size_(size) {}

  /// Whether what was read of a global heap is that of a whole one: its objects follow each other to its end
  /// (III.E). `beginning`: all of it, or the first part, by which HDF5 tells how long the whole is. True for
  /// what does not begin as a heap does.
  bool is_whole_heap(haddr_t address, std::span<const std::byte> beginning) const;

  /// Sets the last byte of a local heap (III.D) to zero, where `read` has it: there the last name must have
  /// ended. False where its list of free space has no end.
  bool end_names(haddr_t address, std::span<std::byte> read);

  /// Whether attributes and links of an object header (IV.A.1) lie within their messages, what attributes
  /// have of variable length in heaps, and the mappings of virtual data are as they were written.
  /// `beginning`: what was read of it. True for what is no header.
  bool header_fits(haddr_t address, std::span<const std::byte> beginning);

  /// Of a reference to a value of variable length: its length, 4; the address of a heap, 8; an index, 4.
  static constexpr std::size_t kReferenceBytes = 16;

  /// Whether references to values of variable length lead to objects of heaps that are as
  /// long as they say, in elements of so many bytes.
  bool references_fit(std::span<const std::byte> references, std::uint64_t element_bytes);

  /// Likewise, for those in so many bytes of the file.
  bool references_fit(haddr_t address, std::uint64_t bytes, std::uint64_t element_bytes);

  struct Object {         // of a global heap
    std::uint64_t begin;  // from that of the heap
    std::uint64_t bytes;
  };
  using Objects = std::map<unsigned, Object>;  // by their index

 private:
  struct Headers {
    int version = 1;
    std::size_t message = 8;  // bytes of a message before its body
  };
  struct Part {  // of an object header
    haddr_t address;
    std::uint64_t bytes;
  };

  const std::optional<Objects>& heap_at(haddr_t address);
  bool messages_fit(std::span<const std::byte> messages, const Headers& headers, std::vector<Part>& parts);
  bool attribute_fits(std::span<const std::byte> body);
  bool layout_fits(std::span<const std::byte> body);
  static bool link_fits(std::span<const std::byte> body);

  Read read_;
  haddr_t base_, size_;
  std::map<haddr_t, std::optional<Objects>> heaps_;
  std::uint64_t heap_bytes_ = 0;
  std::set<haddr_t> inner_;      // where HDF5 reads on in object headers
  std::set<haddr_t> name_ends_;  // last bytes of local heaps
};

}  // namespace jensen::io
