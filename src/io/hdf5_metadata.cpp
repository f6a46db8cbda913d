#include "hdf5_metadata.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include "hdf5_checksum.hpp"

namespace jensen::io {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t kHeapHeader = 16;    // "GCOL", version, reserved, size of the whole: 8 bytes
constexpr std::size_t kObjectHeader = 16;  // index and reference count, 2 bytes each; reserved; size: 8 bytes
constexpr std::size_t kMostOfHeap = 4096;  // that HDF5 asks for at first
constexpr std::size_t kLocalHeap = 32;  // "HEAP", version, reserved; size, free list, address: 8 bytes each
constexpr std::size_t kHeader = 16;     // version, reserved, messages, references, size; to 8 bytes
constexpr std::size_t kSignature = 4;   // of a part of a header; so many bytes has the checksum behind it
constexpr std::size_t kChecksum = 4;

constexpr unsigned kLink = 6, kLayout = 8, kAttribute = 12, kContinuation = 16;  // messages
constexpr unsigned kShared = 2;              // a flag of theirs: the body is elsewhere
constexpr unsigned kVariableLength = 9;      // class of types
constexpr unsigned kVirtualLayout = 0x0304;  // version 4, class 3

template <class T>
T number_at(Bytes bytes, std::size_t at) {
  T number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof(T));
  return number;
}

bool begins_with(Bytes bytes, const char* text, std::size_t most) {
  return bytes.size() >= most && std::memcmp(bytes.data(), text, std::strlen(text)) == 0;
}

/// The objects of a global heap by their index; nothing where they do not follow each other to its end.
std::optional<Hdf5Metadata::Objects> objects_of(Bytes heap) {
  Hdf5Metadata::Objects objects;
  for (std::size_t at = kHeapHeader; heap.size() - at >= kObjectHeader;) {
    const auto index = number_at<std::uint16_t>(heap, at);
    const auto bytes = number_at<std::uint64_t>(heap, at + 8);
    const std::size_t left = heap.size() - at;
    if (bytes > left) return {};
    const std::size_t taken = index == 0 ? bytes : kObjectHeader + (bytes + 7) / 8 * 8;
    if (taken < kObjectHeader || taken > left) return {};
    if (index != 0) objects[index] = {at + kObjectHeader, bytes};
    at += taken;
  }
  return objects;
}

/// Whether the list of free space of a local heap, from this place on, comes to an end: each has the place of
/// the next, and its own size.
bool free_list_ends(Bytes heap, std::uint64_t at) {
  constexpr std::uint64_t kNone = 1, kFree = 16;
  for (std::size_t left = heap.size() / kFree; at != kNone; --left) {
    if (heap.size() < kFree || at > heap.size() - kFree) return true;  // HDF5 refuses it
    if (left == 0) return false;
    at = number_at<std::uint64_t>(heap, at);
  }
  return true;
}

/// Values of a data space message (IV.A.2.b); nothing where it ends before its dimensions do.
std::optional<std::uint64_t> values_of(Bytes space) {
  if (space.size() < 4) return {};
  const auto version = static_cast<unsigned>(space[0]), rank = static_cast<unsigned>(space[1]);
  const std::size_t begin = version == 1 ? 8 : 4;
  const bool has_limits = (static_cast<unsigned>(space[2]) & 1) != 0;
  if (space.size() < begin + 8 * rank * (has_limits ? 2 : 1)) return {};
  if (version > 1 && static_cast<unsigned>(space[3]) == 2) return 0;  // null
  std::uint64_t values = 1;
  for (unsigned d = 0; d < rank; ++d) {
    if (__builtin_mul_overflow(values, number_at<std::uint64_t>(space, begin + 8 * d), &values)) return {};
  }
  return values;
}

}  // namespace

bool Hdf5Metadata::is_whole_heap(haddr_t address, Bytes beginning) const {
  if (!begins_with(beginning, "GCOL\1", kHeapHeader) || beginning.size() > kMostOfHeap) return true;
  const auto bytes = number_at<std::uint64_t>(beginning, 8);
  if (bytes < kHeapHeader || bytes > size_ - std::min(address, size_)) return false;
  if (bytes <= beginning.size()) return objects_of(beginning.first(bytes)).has_value();
  std::vector<std::byte> whole(bytes);
  return read_(address, whole) && objects_of(whole);
}

bool Hdf5Metadata::end_names(haddr_t address, std::span<std::byte> read) {
  if (begins_with(read, "HEAP", kLocalHeap)) {
    const auto bytes = number_at<std::uint64_t>(read, 8), free = number_at<std::uint64_t>(read, 16);
    const haddr_t begin = base_ + number_at<std::uint64_t>(read, 24);
    if (bytes == 0 || begin > size_ || bytes > size_ - begin) return true;  // HDF5 cannot read it
    std::vector<std::byte> heap(bytes);
    if (!read_(begin, heap) || !free_list_ends(heap, free)) return false;
    name_ends_.insert(begin + bytes - 1);
  }
  for (auto end = name_ends_.lower_bound(address); end != name_ends_.end() && *end - address < read.size();
       ++end)
    read[*end - address] = std::byte{0};
  return true;
}

/// The objects of the global heap at this address of the metadata; nothing where heaps would lie in each
/// other.
const std::optional<Hdf5Metadata::Objects>& Hdf5Metadata::heap_at(haddr_t address) {
  const auto [heap, is_new] = heaps_.try_emplace(address);
  const haddr_t begin = base_ + address;
  std::vector<std::byte> content(kHeapHeader);
  if (!is_new || begin > size_ || !read_(begin, content) || !begins_with(content, "GCOL\1", kHeapHeader))
    return heap->second;
  const auto bytes = number_at<std::uint64_t>(content, 8);
  if (bytes < kHeapHeader || bytes > size_ - begin || bytes > size_ - heap_bytes_) return heap->second;
  heap_bytes_ += bytes;
  content.resize(bytes);
  if (read_(begin, content)) heap->second = objects_of(content);
  return heap->second;
}

bool Hdf5Metadata::references_fit(Bytes references, std::uint64_t element_bytes) {
  for (; references.size() >= kReferenceBytes; references = references.subspan(kReferenceBytes)) {
    const auto address = number_at<std::uint64_t>(references, 4);
    if (address == 0) continue;  // nothing
    const auto& heap = heap_at(address);
    if (!heap) continue;  // HDF5 refuses it
    const auto object = heap->find(number_at<std::uint32_t>(references, 12));
    if (object == heap->end()) return false;
    if (object->second.bytes != element_bytes * number_at<std::uint32_t>(references, 0)) return false;
  }
  return true;
}

bool Hdf5Metadata::references_fit(haddr_t address, std::uint64_t bytes, std::uint64_t element_bytes) {
  if (bytes > size_ - std::min(address, size_)) return false;
  std::vector<std::byte> references(bytes);
  return read_(address, references) && references_fit(references, element_bytes);
}

/// Message of IV.A.2.m: what it says of itself, the sizes of its name, type and space, these, and the values.
bool Hdf5Metadata::attribute_fits(Bytes body) {
  constexpr std::size_t kSizes = 8;
  if (body.size() < kSizes) return false;
  const auto version = static_cast<unsigned>(body[0]);
  if (version < 1 || version > 3) return true;  // HDF5 refuses it
  const unsigned shared = version > 1 ? static_cast<unsigned>(body[1]) & 3 : 0;
  Bytes rest = body.subspan(version == 3 ? std::min(kSizes + 1, body.size()) : kSizes);
  const auto take = [&](std::size_t at) -> std::optional<Bytes> {
    const std::size_t bytes = number_at<std::uint16_t>(body, at);
    const std::size_t taken = version == 1 ? (bytes + 7) / 8 * 8 : bytes;
    if (taken > rest.size()) return {};
    const Bytes part = rest.first(bytes);
    rest = rest.subspan(taken);
    return part;
  };
  const auto name = take(2), type = take(4), space = take(6);
  if (!name || !type || !space || name->empty() || name->back() != std::byte{0}) return false;
  if (shared != 0) return true;  // they are elsewhere
  const auto values = values_of(*space);
  if (!values || type->size() < 8) return false;
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(*values, number_at<std::uint32_t>(*type, 4), &bytes) || bytes > rest.size())
    return false;
  const bool variable = (static_cast<unsigned>((*type)[0]) & 15) == kVariableLength;
  if (!variable) return true;
  if (number_at<std::uint32_t>(*type, 4) != kReferenceBytes) return false;
  return type->size() >= 16 && references_fit(rest.first(bytes), number_at<std::uint32_t>(*type, 12));
}

/// Message of IV.A.2.g: version, flags, what these say is there, the length of the name, the name, the
/// target.
bool Hdf5Metadata::link_fits(Bytes body) {
  if (body.size() < 2 || body[0] != std::byte{1}) return false;
  const auto flags = number_at<std::uint8_t>(body, 1);
  std::size_t at = 2;
  const auto has = [&](std::size_t bytes) { return bytes <= body.size() - at; };
  std::uint8_t kind = 0, encoding = 0;
  if ((flags & 8) != 0 && has(1)) kind = number_at<std::uint8_t>(body, at);
  at += ((flags & 8) != 0 ? 1 : 0) + ((flags & 4) != 0 ? 8 : 0);
  if (at >= body.size()) return false;
  if ((flags & 16) != 0) encoding = number_at<std::uint8_t>(body, at++);
  const std::size_t width = std::size_t{1} << (flags & 3);
  if (flags > 31 || (kind > 1 && kind < 64) || encoding > 1 || !has(width)) return false;
  std::size_t name = 0;
  std::memcpy(&name, body.data() + at, width);
  at += width;
  if (name == 0 || !has(name)) return false;
  at += name;
  if (kind == 0) return has(8);
  if (!has(2)) return false;
  const std::size_t target = number_at<std::uint16_t>(body, at);
  return has(2 + target) && (target > 0 || kind > 64);  // soft, external; else of a program
}

/// Message of IV.A.2.i of version 4: where the mappings of virtual data lie in a heap, which end in their
/// checksum (VII.B). HDF5 1.10 looks at that when it has read them.
bool Hdf5Metadata::layout_fits(Bytes body) {
  if (body.size() < 2 || number_at<std::uint16_t>(body, 0) != kVirtualLayout) return true;
  if (body.size() < 14) return false;
  const auto address = number_at<std::uint64_t>(body, 2);
  if (address == HADDR_UNDEF) return true;
  const auto& heap = heap_at(address);
  if (!heap) return true;  // HDF5 refuses it
  const auto object = heap->find(number_at<std::uint32_t>(body, 10));
  if (object == heap->end() || object->second.bytes < kChecksum) return false;
  std::vector<std::byte> content(object->second.bytes);
  const std::size_t end = content.size() - kChecksum;
  return read_(base_ + address + object->second.begin, content) &&
         number_at<std::uint32_t>(content, end) == hdf5_checksum(Bytes(content).first(end));
}

bool Hdf5Metadata::messages_fit(Bytes messages, const Headers& headers, std::vector<Part>& parts) {
  while (messages.size() >= headers.message) {
    const bool old = headers.version == 1;
    const std::size_t bytes = number_at<std::uint16_t>(messages, old ? 2 : 1);
    if (bytes > messages.size() - headers.message) return true;  // HDF5 refuses it
    const unsigned type = old ? number_at<std::uint16_t>(messages, 0) : number_at<std::uint8_t>(messages, 0);
    const bool elsewhere = (number_at<std::uint8_t>(messages, old ? 4 : 3) & kShared) != 0;
    const Bytes body = messages.subspan(headers.message, bytes);
    messages = messages.subspan(headers.message + bytes);
    if (elsewhere) continue;
    if (type == kAttribute && !attribute_fits(body)) return false;
    if (type == kLink && !link_fits(body)) return false;
    if (type == kLayout && !layout_fits(body)) return false;
    if (type != kContinuation || body.size() < 16) continue;
    const Part part{base_ + number_at<std::uint64_t>(body, 0), number_at<std::uint64_t>(body, 8)};
    if (part.address <= size_ && part.bytes <= size_ - part.address) parts.push_back(part);
  }
  return true;
}

bool Hdf5Metadata::header_fits(haddr_t address, Bytes beginning) {
  if (beginning.size() < kHeader) return true;
  Headers headers;
  std::size_t begin = kHeader, bytes = 0, behind = 0;
  if (begins_with(beginning, "OHDR\2", kHeader)) {
    const auto flags = number_at<std::uint8_t>(beginning, 5);
    headers = {.version = 2, .message = (flags & 4) != 0 ? std::size_t{6} : 4};
    begin = 6;
    if ((flags & 0x20) != 0) begin += 16;  // times
    if ((flags & 0x10) != 0) begin += 4;   // limits of numbers of attributes
    const std::size_t width = std::size_t{1} << (flags & 3);
    if (begin + width > beginning.size()) return true;  // HDF5 has asked for more than that
    std::memcpy(&bytes, beginning.data() + begin, width);
    begin += width;
    behind = kSignature;
  } else if (beginning[0] == std::byte{1} && !inner_.contains(address)) {
    bytes = number_at<std::uint32_t>(beginning, 8);
  } else {
    return true;
  }
  if (address > size_ || begin > size_ - address || bytes > size_ - address - begin) return true;  // likewise
  if (begin + bytes + behind > beginning.size()) inner_.insert(address + beginning.size());  // read next
  std::vector<Part> parts{{address + begin, bytes}};
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Part part = parts[i];
    sum += part.bytes;
    if (sum > size_) return false;  // they lie in each other
    std::vector<std::byte> content(part.bytes);
    if (!read_(part.address, content)) return false;
    Bytes messages = content;
    if (i > 0) {
      inner_.insert(part.address);
      if (messages.size() < 2 * behind) continue;
      messages = messages.subspan(behind, messages.size() - 2 * behind);
    }
    if (!messages_fit(messages, headers, parts)) return false;
  }
  return true;
}

}  // namespace jensen::io
