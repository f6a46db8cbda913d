// NumPy arrays, read in small pieces.

#include "jensen/io/import_npy.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path file = fuzz::as_file({data, size});
  return fuzz::accept_or_refuse(
      [&] { jensen::io::import_npy(file, fuzz::folder() / "out.h5", {.piece_bytes = 64}); });
}
