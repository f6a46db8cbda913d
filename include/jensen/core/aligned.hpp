#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <vector>

namespace jensen {

/// Allocator for buffers that start on a cache line, so that vector code sees the same alignment everywhere.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}

  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kAlignment)); }
  void deallocate(T* pointer, std::size_t) { ::operator delete(pointer, kAlignment); }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

template <class T>
struct AlignedDelete {
  void operator()(T* pointer) const { AlignedAllocator<T>().deallocate(pointer, 0); }
};

/// Numbers from the start of a cache line on that hold anything until they are written.
template <class T>
using ScratchOf = std::unique_ptr<T[], AlignedDelete<T>>;
using Scratch = ScratchOf<double>;

template <class T = double>
ScratchOf<T> make_scratch(std::size_t count) {
  return ScratchOf<T>(AlignedAllocator<T>().allocate(count));
}

}  // namespace jensen
