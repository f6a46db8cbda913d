#include "jensen/io/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

#include "hdf5_document.hpp"
#include "hdf5_handle.hpp"
#include "jensen/io/safe_file.hpp"
#include "sha256.hpp"

namespace jensen::io {
namespace {

static_assert(std::endian::native == std::endian::little, "headers are written as they lie in memory");

using Bytes = std::vector<std::byte>;

constexpr std::size_t kCoreIncrement = std::size_t{1} << 20;

struct Header {
  std::array<char, 16> magic = {'j', 'e', 'n', 's', 'e',  'n',  '-',    'm',
                                'o', 'd', 'e', 'l', '\r', '\n', '\x1a', '\n'};
  std::uint32_t version = 1;
  std::uint32_t header_bytes = 512;
  std::uint64_t payload_bytes = 0;
  Sha256 payload_hash = {};
  std::array<std::byte, 448> zero = {};
};
static_assert(sizeof(Header) == 512 && std::is_trivially_copyable_v<Header>);

Handle memory_driver() {
  Handle access = make_properties(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access.get(), kCoreIncrement, false);
  return access;
}

/// The document as an HDF5 file that expects 512 bytes in front of it.
Bytes make_image(const Document& document) {
  start_hdf5();
  const Handle access = memory_driver();
  const Handle creation = make_properties(H5P_FILE_CREATE);
  H5Pset_userblock(creation.get(), sizeof(Header));
  H5Pset_obj_track_times(creation.get(), false);
  const Handle file(
      checked<IoError>(H5Fcreate("model in memory", H5F_ACC_TRUNC, creation.get(), access.get()),
                       "make a model file in memory"),
      H5Fclose);
  write_document(file.get(), document);
  checked<IoError>(H5Fflush(file.get(), H5F_SCOPE_GLOBAL), "complete a model file in memory");
  const ssize_t size =
      checked<IoError>(H5Fget_file_image(file.get(), nullptr, 0), "take a model file from memory");
  Bytes image(static_cast<std::size_t>(size));
  checked<IoError>(H5Fget_file_image(file.get(), image.data(), image.size()),
                   "take a model file from memory");
  return image;
}

Bytes read_all(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream || std::filesystem::is_directory(file)) {
    throw InputError(fmt::format("cannot open '{}' ({}); name a model file written by 'jensen fit'",
                                 file.string(), std::strerror(stream ? EISDIR : errno)));
  }
  Bytes bytes(static_cast<std::size_t>(stream.tellg()));
  stream.seekg(0);
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw InputError(fmt::format("cannot read '{}' ({})", file.string(), std::strerror(errno)));
  return bytes;
}

/// Throws unless the file is whole; nothing of it has been interpreted before.
void require_whole(const Bytes& bytes, const std::string& file) {
  const Header expected;
  const std::size_t magic = expected.magic.size();
  if (bytes.size() < magic || std::memcmp(bytes.data(), expected.magic.data(), magic) != 0) {
    throw InputError(fmt::format(
        "'{}' is not a jensen model file (its first bytes differ); name a file written by 'jensen fit'",
        file));
  }
  if (bytes.size() < sizeof(Header)) {
    throw InputError(fmt::format("'{}' is truncated: {} bytes found, at least {} expected; use another copy",
                                 file, bytes.size(), sizeof(Header)));
  }
  Header header;
  std::memcpy(&header, bytes.data(), sizeof(Header));
  if (header.version > expected.version) {
    throw InputError(
        fmt::format("'{}' has format version {} (this jensen reads version {}); use a newer jensen, or the "
                    "file is damaged",
                    file, header.version, expected.version));
  }
  const auto payload = std::span(bytes).subspan(sizeof(Header));
  if (payload.size() < header.payload_bytes) {
    throw InputError(
        fmt::format("'{}' is truncated: {} bytes found behind its header, {} expected; use another copy",
                    file, payload.size(), header.payload_bytes));
  }
  const bool intact = header.version == expected.version && header.header_bytes == expected.header_bytes &&
                      header.zero == expected.zero && payload.size() == header.payload_bytes;
  if (!intact) {
    throw InputError(
        fmt::format("'{}' is damaged: its header or length is not as written; use another copy", file));
  }
  if (sha256(payload) != header.payload_hash) {
    throw InputError(
        fmt::format("'{}' is damaged: the SHA-256 of its content differs from the one in its header; "
                    "use another copy",
                    file));
  }
}

}  // namespace

std::size_t write_model_file(const Document& document, const std::filesystem::path& file) {
  const Bytes image = make_image(document);
  Header header;
  header.payload_bytes = image.size();
  header.payload_hash = sha256(image);
  Bytes whole(sizeof(Header) + image.size());
  std::memcpy(whole.data(), &header, sizeof(Header));
  std::copy(image.begin(), image.end(), whole.begin() + sizeof(Header));
  write_file_safely(file, whole);
  return whole.size();
}

Document read_model_file(const std::filesystem::path& file) {
  start_hdf5();
  Bytes bytes = read_all(file);
  require_whole(bytes, file.string());
  const Handle access = memory_driver();
  checked<InputError>(H5Pset_file_image(access.get(), bytes.data(), bytes.size()),
                      fmt::format("hold '{}' in memory", file.string()));
  const Handle opened(checked<InputError>(H5Fopen("model in memory", H5F_ACC_RDONLY, access.get()),
                                          fmt::format("open '{}'", file.string())),
                      H5Fclose);
  return read_document(opened.get(), file.string());
}

}  // namespace jensen::io
