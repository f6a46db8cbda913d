#pragma once

#include <cstddef>
#include <memory>

namespace jensen {

/// Memory of zeros that starts on a cache line. Large memory comes straight from the system, which zeroes a
/// page when it is first written, in large pages where it can: a page of 4 KiB costs more time than reading
/// its contents from a file.
class ZeroMemory {
 public:
  ZeroMemory() = default;
  explicit ZeroMemory(std::size_t bytes);

  std::byte* data() const { return data_; }

 private:
  std::shared_ptr<void> owned_;
  std::byte* data_ = nullptr;
};

/// An array of numbers that begins as zeros, for the bulk of the data.
template <class T>
class LargeArray {
 public:
  using value_type = T;

  explicit LargeArray(std::size_t size = 0) : memory_(size * sizeof(T)), size_(size) {}
  LargeArray(const LargeArray&) = delete;
  LargeArray& operator=(const LargeArray&) = delete;
  LargeArray(LargeArray&&) = default;
  LargeArray& operator=(LargeArray&&) = default;

  std::size_t size() const { return size_; }
  T* data() { return reinterpret_cast<T*>(memory_.data()); }
  const T* data() const { return reinterpret_cast<const T*>(memory_.data()); }
  const T& operator[](std::size_t i) const { return data()[i]; }

 private:
  ZeroMemory memory_;
  std::size_t size_;
};

}  // namespace jensen
