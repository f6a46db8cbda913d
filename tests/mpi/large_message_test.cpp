#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <span>

#include "support/world.hpp"

using test::world;

namespace {

constexpr std::size_t kPeriod = 3 << 20;  // bytes; pieces of messages begin anywhere in it
constexpr std::size_t kBytes = ((std::size_t{1} << 32) / kPeriod + 2) * kPeriod;

/// More than 2^32 bytes of addresses over a few of memory: the same kPeriod bytes again and again.
class RepeatedMemory {
 public:
  RepeatedMemory() : file_(::memfd_create("repeated", 0)) {
    begin_ = ::mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bool mapped = begin_ != MAP_FAILED && ::ftruncate(file_, kPeriod) == 0;
    for (std::size_t at = 0; mapped && at < kBytes; at += kPeriod) {
      mapped = ::mmap(bytes().data() + at, kPeriod, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file_,
                      0) != MAP_FAILED;
    }
    REQUIRE_ALL(mapped);
  }
  RepeatedMemory(const RepeatedMemory&) = delete;
  RepeatedMemory& operator=(const RepeatedMemory&) = delete;
  ~RepeatedMemory() {
    ::munmap(begin_, kBytes);
    ::close(file_);
  }

  std::span<std::byte> bytes() const { return {static_cast<std::byte*>(begin_), kBytes}; }

 private:
  int file_;
  void* begin_;
};

std::byte value_at(std::size_t place) {
  return static_cast<std::byte>(place % 251);
}

}  // namespace

TEST_CASE("a message of more than 2^32 elements arrives whole", "[.large]") {
  REQUIRE(world().size() > 1);
  const RepeatedMemory memory;
  const std::size_t last = kBytes - kPeriod;
  // The end is memory of its own, so that it tells whether it was reached.
  void* const end = ::mmap(memory.bytes().data() + last, kPeriod, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  REQUIRE_ALL(end != MAP_FAILED);
  if (world().is_root()) {
    for (std::size_t i = 0; i < kPeriod; ++i) {
      memory.bytes()[i] = value_at(i);
      memory.bytes()[last + i] = value_at(i + 1);
    }
  }
  world().broadcast(memory.bytes(), 0);
  bool same = true;
  for (std::size_t i = 0; i < kPeriod; ++i)
    same &= memory.bytes()[i] == value_at(i) && memory.bytes()[last + i] == value_at(i + 1);
  CHECK(same);
}
