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
#include "hdf5_input_driver.hpp"
#include "jensen/core/fail_point.hpp"
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
  const std::string what = "make a model file in memory";
  require_memory_for_file<IoError>(what);
  const Handle access = memory_driver();
  const Handle creation = make_properties(H5P_FILE_CREATE);
  H5Pset_userblock(creation.get(), sizeof(Header));
  H5Pset_obj_track_times(creation.get(), false);
  const Handle file(
      checked<IoError>(H5Fcreate("model in memory", H5F_ACC_TRUNC, creation.get(), access.get()), what),
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
  const int reason = stream ? 0 : errno;
  if (std::error_code ignored; std::filesystem::is_directory(file, ignored) || reason == ENOENT) {
    throw InputError(fmt::format("cannot open '{}' ({}); name a model file written by 'jensen fit'",
                                 file.string(), std::strerror(reason == ENOENT ? ENOENT : EISDIR)));
  }
  if (reason != 0) {
    throw UnreadableError(fmt::format("cannot open '{}' ({}); make it readable, or name another file",
                                      file.string(), std::strerror(reason)));
  }
  const auto size = stream.tellg();
  Bytes bytes(size < 0 ? 0 : static_cast<std::size_t>(size));
  stream.seekg(0);
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (size < 0 || !stream) {
    throw UnreadableError(fmt::format("cannot read '{}' ({}); try again, or use another copy", file.string(),
                                      std::strerror(errno)));
  }
  return bytes;
}

constexpr const char* kOrEdited = "is damaged, or was changed by another program";

std::string header_fault(const Bytes& bytes, const std::string& file) {
  const Header expected;
  const auto begins_with = [&](std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
  };
  if (begins_with("\x89HDF\r\n\x1a\n")) {
    return fmt::format(
        "'{}' is not a jensen model file: it is HDF5 without jensen's header, as data sets are, and copies "
        "of "
        "model files that other programs make; name a file written by 'jensen fit'",
        file);
  }
  if (!begins_with({expected.magic.data(), expected.magic.size()})) {
    return fmt::format(
        "'{}' is not a jensen model file (its first bytes differ); name a file written by 'jensen fit'",
        file);
  }
  if (bytes.size() < sizeof(Header)) {
    return fmt::format("'{}' is truncated: {} bytes found, at least {} expected; use another copy", file,
                       bytes.size(), sizeof(Header));
  }
  Header header;
  std::memcpy(&header, bytes.data(), sizeof(Header));
  if (header.version != expected.version) {
    return fmt::format(
        "'{}' has format version {} (this jensen reads version {}); use {} jensen, or the file is damaged",
        file, header.version, expected.version, header.version > expected.version ? "a newer" : "an older");
  }
  const bool intact = header.header_bytes == expected.header_bytes && header.zero == expected.zero;
  return intact ? "" : fmt::format("'{}' is damaged: its header is not as written; use another copy", file);
}

std::string length_fault(std::uint64_t found, std::uint64_t expected, const std::string& file) {
  if (found == expected) return "";
  return fmt::format("'{}' {}: {} bytes found behind its header, {} expected; use another copy", file,
                     found < expected ? "is truncated" : kOrEdited, found, expected);
}

std::string in_hexadecimal(const Sha256& hash) {
  std::string text;
  for (const std::byte byte : hash) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

/// Nothing of the content is interpreted.
std::vector<FileCheck> check_bytes(const Bytes& bytes, const std::string& file) {
  std::vector<FileCheck> checks = {{.name = "header", .fault = header_fault(bytes, file)}};
  if (!checks.back().fault.empty()) return checks;
  Header header;
  std::memcpy(&header, bytes.data(), sizeof(Header));
  checks.back().found = fmt::format("layout {}", header.version);
  const auto payload = std::span(bytes).subspan(sizeof(Header));
  checks.push_back({.name = "length",
                    .found = fmt::format("{} bytes behind the header", payload.size()),
                    .fault = length_fault(payload.size(), header.payload_bytes, file)});
  if (!checks.back().fault.empty()) return checks;
  const Sha256 hash = sha256(payload);
  checks.push_back({.name = "SHA-256", .found = in_hexadecimal(hash)});
  if (hash != header.payload_hash) {
    checks.back().fault = fmt::format(
        "'{}' {}: the SHA-256 of its content differs from the one in its header; use another copy", file,
        kOrEdited);
  }
  return checks;
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
  JENSEN_FAIL_POINT("image");
  write_file_safely(file, whole);
  return whole.size();
}

bool is_model_file(const std::filesystem::path& file) {
  std::array<char, Header().magic.size()> first = {};
  std::ifstream stream(file, std::ios::binary);
  return stream.read(first.data(), first.size()) && first == Header().magic;
}

std::vector<FileCheck> check_model_file(const std::filesystem::path& file) {
  return check_bytes(read_all(file), file.string());
}

Document read_model_file(const std::filesystem::path& file) {
  start_hdf5();
  const Bytes bytes = read_all(file);
  for (const FileCheck& check : check_bytes(bytes, file.string())) {
    if (!check.fault.empty()) throw InputError(check.fault);
  }
  const std::string what = fmt::format("open '{}'", file.string());
  require_memory_for_file<UnreadableError>(what);
  const Handle access = make_properties(H5P_FILE_ACCESS);
  read_by_input_driver(access.get(), bytes);
  const Handle opened(
      checked<UnreadableError>(H5Fopen("model in memory", H5F_ACC_RDONLY, access.get()), what), H5Fclose);
  return read_document(opened.get(), file.string());
}

}  // namespace jensen::io
