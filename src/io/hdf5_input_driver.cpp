#include "hdf5_input_driver.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "hdf5_handle.hpp"
#include "hdf5_metadata.hpp"

namespace jensen::io {
namespace {

constexpr haddr_t kMostAddress = (haddr_t{1} << 63) - 1;

/// What the properties of file access carry: a file in memory; no data: one on disk.
struct Image {
  const std::byte* data;
  std::size_t size;
};

struct File {
  H5FD_t base;  // HDF5 takes a pointer to it for one to the whole
  Image image;
  int descriptor;
  dev_t device;
  ino_t inode;
  haddr_t end;             // of what HDF5 may ask for
  haddr_t file_size;       // when it was opened
  Hdf5Metadata* metadata;  // none where sizes are unusual; deleted by close_file
};
static_assert(std::is_standard_layout_v<File>);

File& of(H5FD_t* file) {
  return *reinterpret_cast<File*>(file);
}
const File& of(const H5FD_t* file) {
  return *reinterpret_cast<const File*>(file);
}

herr_t fail(const std::string& reason) {
  H5Epush2(H5E_DEFAULT, __FILE__, "read", __LINE__, H5E_ERR_CLS, H5E_IO, H5E_READERROR, "%s", reason.c_str());
  return -1;
}

bool copy_from_memory(const Image& image, haddr_t address, std::span<std::byte> into) {
  if (address > image.size || into.size() > image.size - address)
    return fail(fmt::format("the file ends at byte {}", image.size)) == 0;
  std::memcpy(into.data(), image.data + address, into.size());
  return true;
}

bool read_fully(const File& file, haddr_t address, std::span<std::byte> into) {
  if (into.empty()) return true;
  if (file.image.data != nullptr) return copy_from_memory(file.image, address, into);
  for (std::size_t done = 0; done < into.size();) {
    const ssize_t got =
        ::pread(file.descriptor, into.data() + done, into.size() - done, static_cast<off_t>(address + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(std::strerror(errno)) == 0;
    if (got == 0) return fail(fmt::format("the file ends at byte {}", address + done)) == 0;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

/// Where the superblock (II) lies, if it says that addresses and lengths have 8 bytes.
std::optional<haddr_t> usual_superblock(const File& file) {
  constexpr std::array kSignature = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::array<std::byte, 16> block = {};
  for (haddr_t at = 0; at + block.size() <= file.file_size; at = std::max<haddr_t>(512, 2 * at)) {
    if (!read_fully(file, at, block)) return {};
    if (std::memcmp(block.data(), kSignature.data(), kSignature.size()) != 0) continue;
    const std::size_t sizes = block[8] < std::byte{2} ? 13 : 9;
    if (block[sizes] != std::byte{8} || block[sizes + 1] != std::byte{8}) return {};
    return at;
  }
  return {};
}

bool open_on_disk(const char* name, File& file) {
  file.descriptor = ::open(name, O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  if (file.descriptor < 0 || ::fstat(file.descriptor, &status) != 0) return fail(std::strerror(errno)) == 0;
  file.device = status.st_dev;
  file.inode = status.st_ino;
  file.file_size = static_cast<haddr_t>(status.st_size);
  return true;
}

herr_t close_file(H5FD_t* opened) {
  const std::unique_ptr<File> file(&of(opened));
  delete file->metadata;
  if (file->descriptor >= 0) ::close(file->descriptor);
  return 0;
}

H5FD_t* open_file(const char* name, unsigned, hid_t access, haddr_t) {
  auto file = std::make_unique<File>();
  file->descriptor = -1;
  file->image = *static_cast<const Image*>(H5Pget_driver_info(access));
  file->file_size = file->image.size;
  if (file->image.data == nullptr && !open_on_disk(name, *file)) {
    close_file(&file.release()->base);
    return nullptr;
  }
  if (const auto begin = usual_superblock(*file)) {
    const auto read = [&file = *file](haddr_t address, std::span<std::byte> into) {
      return read_fully(file, address, into);
    };
    file->metadata = new Hdf5Metadata(read, *begin, file->file_size);
  }
  return &file.release()->base;
}

/// HDF5 opens the same file once.
int compare(const H5FD_t* left, const H5FD_t* right) {
  const File &a = of(left), &b = of(right);
  if (a.image.data != b.image.data) return std::less<>()(a.image.data, b.image.data) ? -1 : 1;
  if (a.device != b.device) return a.device < b.device ? -1 : 1;
  if (a.inode != b.inode) return a.inode < b.inode ? -1 : 1;
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_DATA_SIEVE;
  return 0;
}

haddr_t get_end(const H5FD_t* file, H5FD_mem_t) {
  return of(file).end;
}

herr_t set_end(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  of(file).end = address;
  return 0;
}

haddr_t get_file_size(const H5FD_t* file, H5FD_mem_t) {
  return of(file).file_size;
}

/// What is wrong with metadata that were read; nothing if they can be handed on.
const char* fault_in(Hdf5Metadata& metadata, H5FD_mem_t type, haddr_t address, std::span<std::byte> read) {
  if (type == H5FD_MEM_LHEAP && !metadata.end_names(address, read)) return "a local heap is damaged";
  if (type == H5FD_MEM_DRAW && !metadata.is_whole_heap(address, read)) return "a global heap is damaged";
  if (type == H5FD_MEM_OHDR && !metadata.header_fits(address, read))
    return "an attribute, a link or a layout is damaged";
  return nullptr;
}

herr_t read(H5FD_t* opened, H5FD_mem_t type, hid_t, haddr_t address, std::size_t size, void* buffer) {
  const File& file = of(opened);
  if (address > kMostAddress - size) return fail("an address is out of range");
  const std::span into(static_cast<std::byte*>(buffer), size);
  if (!read_fully(file, address, into)) return -1;
  if (file.metadata == nullptr) return 0;
  try {
    const char* const fault = fault_in(*file.metadata, type, address, into);
    return fault == nullptr ? 0 : fail(fault);
  } catch (const std::bad_alloc&) {  // not through HDF5
    return fail("out of memory");
  }
}

/// The handle is what this file knows of metadata.
herr_t get_handle(H5FD_t* file, hid_t, void** handle) {
  *handle = of(file).metadata;
  return 0;
}

herr_t write(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, std::size_t, const void*) {
  return -1;
}

H5FD_class_t driver_class() {
  H5FD_class_t driver = {};
  driver.name = "jensen input";
  driver.maxaddr = kMostAddress;
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(Image);
  driver.open = open_file;
  driver.close = close_file;
  driver.cmp = compare;
  driver.query = query;
  driver.get_eoa = get_end;
  driver.set_eoa = set_end;
  driver.get_eof = get_file_size;
  driver.get_handle = get_handle;
  driver.read = read;
  driver.write = write;  // no driver may be without
  return driver;
}

hid_t driver_id() {
  static const H5FD_class_t driver = driver_class();
  static const hid_t id = checked<IoError>(H5FDregister(&driver), "make a driver for HDF5");
  return id;
}

void read_by_driver(hid_t access, const Image& image) {
  checked<IoError>(H5Pset_driver(access, driver_id(), &image), "choose a driver for HDF5");
}

}  // namespace

void read_by_input_driver(hid_t access) {
  read_by_driver(access, {});
}

void read_by_input_driver(hid_t access, std::span<const std::byte> bytes) {
  read_by_driver(access, {bytes.data(), bytes.size()});
}

bool texts_are_there(hid_t dataset) {
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose), space(H5Dget_space(dataset), H5Sclose);
  const H5D_layout_t layout = H5Pget_layout(creation.get());
  const haddr_t begin = H5Dget_offset(dataset);
  if (layout != H5D_COMPACT && begin == HADDR_UNDEF) return true;  // in chunks, or never written
  const auto texts = static_cast<std::uint64_t>(H5Sget_simple_extent_npoints(space.get()));
  const std::uint64_t bytes = Hdf5Metadata::kReferenceBytes * texts;
  if (H5Dget_storage_size(dataset) != bytes) return false;
  const Handle file(H5Iget_file_id(dataset), H5Fclose);
  const Handle access(H5Fget_access_plist(file.get()), H5Pclose);
  void* metadata = nullptr;
  if (layout == H5D_COMPACT || H5Pget_driver(access.get()) != driver_id()) return true;
  if (H5Fget_vfd_handle(file.get(), H5P_DEFAULT, &metadata) < 0 || metadata == nullptr) return true;
  return static_cast<Hdf5Metadata*>(metadata)->references_fit(begin, bytes, 1);
}

}  // namespace jensen::io
