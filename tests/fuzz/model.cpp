// HDF5 behind the header of model files and checkpoints, which is made to fit, its hash too: what comes
// behind that check must hold as well.

#include <cstring>
#include <vector>

#include "io/sha256.hpp"
#include "jensen/io/model_file.hpp"
#include "target.hpp"

namespace {

void put_header(std::vector<std::uint8_t>& file, std::span<const std::byte> payload) {
  constexpr char kMagic[] = "jensen-model\r\n\x1a\n";
  const std::uint32_t version = 1, header_bytes = 512;
  const std::uint64_t payload_bytes = payload.size();
  const jensen::io::Sha256 hash = jensen::io::sha256(payload);
  std::memcpy(file.data(), kMagic, 16);
  std::memcpy(file.data() + 16, &version, 4);
  std::memcpy(file.data() + 20, &header_bytes, 4);
  std::memcpy(file.data() + 24, &payload_bytes, 8);
  std::memcpy(file.data() + 32, hash.data(), hash.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> whole(512, 0);
  put_header(whole, std::as_bytes(std::span(data, size)));
  whole.insert(whole.end(), data, data + size);
  const std::filesystem::path file = fuzz::as_file(whole);
  return fuzz::accept_or_refuse([&] {
    const jensen::Document document = jensen::io::read_model_file(file);
    for (const auto& [path, array] : document.arrays()) {
      const auto held = std::visit([](const auto& values) { return values.size(); }, array.values);
      if (array.size() != static_cast<jensen::Index>(held)) __builtin_trap();
    }
  });
}
