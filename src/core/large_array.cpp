#include "jensen/core/large_array.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <new>

namespace jensen {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
constexpr std::size_t kFromSystem = 2 * kLargePage;  // less than this comes from the heap
constexpr std::align_val_t kCacheLine{64};

}  // namespace

ZeroMemory::ZeroMemory(std::size_t bytes) {
  if (bytes < kFromSystem) {
    void* const memory = ::operator new(bytes, kCacheLine);
    owned_ = {memory, [](void* pointer) { ::operator delete(pointer, kCacheLine); }};
    data_ = static_cast<std::byte*>(memory);
    std::memset(data_, 0, bytes);
    return;
  }
  const std::size_t mapped = bytes + kLargePage;
  void* const memory = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  owned_ = {memory, [mapped](void* pointer) { ::munmap(pointer, mapped); }};
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  data_ = static_cast<std::byte*>(memory) + (kLargePage - address % kLargePage) % kLargePage;
#ifdef MADV_HUGEPAGE
  ::madvise(data_, bytes, MADV_HUGEPAGE);  // a wish: without it there are small pages
#endif
}

}  // namespace jensen
