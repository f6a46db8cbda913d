// HDF5 files as dense data: found without a name, then read by a rank alone.

#include "jensen/io/dataset.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file = fuzz::as_file({data, size}).string();
  return fuzz::accept_or_refuse([&] {
    const jensen::Communicator alone;
    const jensen::io::DatasetInfo info = jensen::io::inspect(file, alone);
    const jensen::io::LoadedData loaded = jensen::io::load(info, {.piece_bytes = 64}, alone);
    if (!loaded.minimum.allFinite() || !loaded.maximum.allFinite()) __builtin_trap();
  });
}
