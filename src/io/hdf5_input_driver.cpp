#include "hdf5_input_driver.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hdf5_handle.hpp"

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
  haddr_t end;        // of what HDF5 may ask for
  haddr_t file_size;  // when it was opened
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

template <class T>
T number_at(std::span<const std::byte> bytes, std::size_t at) {
  T number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof(T));
  return number;
}

constexpr std::size_t kHeapHeader = 16;    // "GCOL", version, reserved, size of the whole: 8 bytes
constexpr std::size_t kObjectHeader = 16;  // index and reference count, 2 bytes each; reserved; size: 8 bytes

/// Whether objects follow each other to the end of a global heap (HDF5 File Format Specification, III.E).
bool objects_fit(std::span<const std::byte> heap) {
  for (std::size_t at = kHeapHeader; heap.size() - at >= kObjectHeader;) {
    const bool is_free_space = number_at<std::uint16_t>(heap, at) == 0;
    const auto bytes = number_at<std::uint64_t>(heap, at + 8);
    const std::size_t left = heap.size() - at;
    if (bytes > left) return false;
    const std::size_t taken = is_free_space ? bytes : kObjectHeader + (bytes + 7) / 8 * 8;
    if (taken < kObjectHeader || taken > left) return false;
    at += taken;
  }
  return true;
}

/// `beginning` is what HDF5 asked for of a global heap: all of it, or the first part, by which it tells how
/// long the whole is; the other part does not begin as a heap does.
bool heap_is_whole(const File& file, haddr_t address, std::span<const std::byte> beginning) {
  if (beginning.size() < kHeapHeader || std::memcmp(beginning.data(), "GCOL\1\0\0", 8) != 0) return true;
  const auto bytes = number_at<std::uint64_t>(beginning, 8);
  if (bytes < kHeapHeader || bytes > file.file_size - std::min(address, file.file_size)) return false;
  if (bytes <= beginning.size()) return objects_fit(beginning.first(bytes));
  std::vector<std::byte> whole(bytes);
  return read_fully(file, address, whole) && objects_fit(whole);
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

herr_t read(H5FD_t* opened, H5FD_mem_t type, hid_t, haddr_t address, std::size_t size, void* buffer) {
  const File& file = of(opened);
  if (address > kMostAddress - size) return fail("an address is out of range");
  const std::span into(static_cast<std::byte*>(buffer), size);
  if (!read_fully(file, address, into)) return -1;
  if (type == H5FD_MEM_DRAW && !heap_is_whole(file, address, into)) return fail("a global heap is damaged");
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
  driver.read = read;
  driver.write = write;  // no driver may be without
  return driver;
}

void read_by_driver(hid_t access, const Image& image) {
  static const H5FD_class_t driver = driver_class();
  static const hid_t id = checked<IoError>(H5FDregister(&driver), "make a driver for HDF5");
  checked<IoError>(H5Pset_driver(access, id, &image), "choose a driver for HDF5");
}

}  // namespace

void read_by_input_driver(hid_t access) {
  read_by_driver(access, {});
}

void read_by_input_driver(hid_t access, std::span<const std::byte> bytes) {
  read_by_driver(access, {bytes.data(), bytes.size()});
}

}  // namespace jensen::io
