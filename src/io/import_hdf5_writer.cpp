#include "import_hdf5_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "import_hdf5_dataset.hpp"
#include "jensen/core/error.hpp"

namespace jensen::io {
namespace {

constexpr Index kChunkBytes = Index{1} << 20;

std::string checked_path(const std::string& path) {
  if (path.empty() || path.back() == '/' || path.find('\0') != std::string::npos) {
    throw UsageError(fmt::format("dataset = '{}' (must be a path such as '/data')", path));
  }
  return path;
}

std::filesystem::path directory_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : ".";
}

}  // namespace

template <class T>
Hdf5Writer<T>::Hdf5Writer(std::filesystem::path output, DatasetPlan plan)
    : output_(std::move(output)), plan_(std::move(plan)) {
  checked_path(plan_.path);
  std::error_code ignored;
  const auto status = std::filesystem::status(output_, ignored);
  if (std::filesystem::is_directory(status)) fail("it is a directory");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) fail("it is not a file");
  chunk_rows_ = std::max<Index>(1, kChunkBytes / (plan_.features * static_cast<Index>(sizeof(T))));
  buffer_.resize(static_cast<std::size_t>(chunk_rows_ * plan_.features));
  for (int i = 0; descriptor_ < 0; ++i) {
    temporary_ = output_;
    temporary_ += fmt::format(".{}-{}.tmp", ::getpid(), i);
    descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) fail(std::strerror(errno));
  }
}

template <class T>
Hdf5Writer<T>::~Hdf5Writer() {
  dataset_.reset();
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!published_) ::unlink(temporary_.c_str());
}

template <class T>
void Hdf5Writer<T>::write_chunk() {
  try {
    if (!dataset_) {
      chunk_rows_ = filled_;  // the one chunk of a small table is no larger than the table
      buffer_.resize(static_cast<std::size_t>(chunk_rows_ * plan_.features));
      dataset_ = std::make_unique<GrowingDataset<T>>(temporary_, plan_, chunk_rows_);
    }
    const auto values = static_cast<std::size_t>(filled_ * plan_.features);
    std::fill(buffer_.begin() + filled_ * plan_.features, buffer_.end(), T(0));
    dataset_->append_chunk(buffer_, filled_);
    hash_ = fold(hash_, std::span<const T>(buffer_).first(values));
    filled_ = 0;
  } catch (const Hdf5Failure& failure) {
    fail(failure.what());
  }
}

template <class T>
void Hdf5Writer<T>::seal() {
  if (filled_ > 0) write_chunk();
  try {
    dataset_->close();
  } catch (const Hdf5Failure& failure) {
    fail(failure.what());
  }
  dataset_.reset();
  if (::fsync(descriptor_) != 0) fail(std::strerror(errno));
}

template <class T>
void Hdf5Writer<T>::verify() const {
  try {
    const ReadBack found = read_back<T>(temporary_, plan_, chunk_rows_);
    const bool same = found.shape == std::vector<Index>{records_, plan_.features} && found.hash == hash_ &&
                      found.feature_names == plan_.feature_names;
    if (!same) fail("it reads back unlike what was written: a fault of the disk or the file system");
  } catch (const Hdf5Failure& failure) {
    fail(fmt::format("it cannot be read back: {}", failure.what()));
  }
}

template <class T>
void Hdf5Writer<T>::publish() {
  if (::rename(temporary_.c_str(), output_.c_str()) != 0) fail(std::strerror(errno));
  published_ = true;
  const int directory = ::open(directory_of(output_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && (::fsync(directory) == 0 || errno == EINVAL);
  const int cause = errno;
  if (directory >= 0) ::close(directory);
  if (!synced) fail(fmt::format("its directory cannot be synchronised: {}", std::strerror(cause)));
}

template <class T>
void Hdf5Writer<T>::fail(const std::string& cause) const {
  throw IoError(
      fmt::format("cannot write '{}' ({}); check the path, its permissions and the free space, or name "
                  "another output",
                  output_.string(), cause));
}

template class Hdf5Writer<double>;
template class Hdf5Writer<float>;

}  // namespace jensen::io
