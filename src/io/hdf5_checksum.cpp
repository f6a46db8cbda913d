#include "hdf5_checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace jensen::io {
namespace {

using Words = std::array<std::uint32_t, 3>;

void mix(Words& words) {
  auto& [a, b, c] = words;
  const auto turn = [](std::uint32_t& x, std::uint32_t y, std::uint32_t& z, int bits) {
    x = (x - z) ^ std::rotl(z, bits);
    z += y;
  };
  turn(a, b, c, 4);
  turn(b, c, a, 6);
  turn(c, a, b, 8);
  turn(a, b, c, 16);
  turn(b, c, a, 19);
  turn(c, a, b, 4);
}

void mix_at_end(Words& words) {
  auto& [a, b, c] = words;
  const auto turn = [](std::uint32_t& x, std::uint32_t y, int bits) { x = (x ^ y) - std::rotl(y, bits); };
  turn(c, b, 14);
  turn(a, c, 11);
  turn(b, a, 25);
  turn(c, b, 16);
  turn(a, c, 4);
  turn(b, a, 14);
  turn(c, b, 24);
}

void add(std::span<const std::byte> bytes, Words& words) {
  Words next = {};
  std::memcpy(next.data(), bytes.data(), bytes.size());
  for (std::size_t i = 0; i < words.size(); ++i) words[i] += next[i];
}

}  // namespace

std::uint32_t hdf5_checksum(std::span<const std::byte> bytes) {
  constexpr std::size_t kStep = sizeof(Words);
  Words words;
  words.fill(0xdeadbeefu + static_cast<std::uint32_t>(bytes.size()));
  if (bytes.empty()) return words[2];
  for (; bytes.size() > kStep; bytes = bytes.subspan(kStep)) {
    add(bytes.first(kStep), words);
    mix(words);
  }
  add(bytes, words);
  mix_at_end(words);
  return words[2];
}

}  // namespace jensen::io
