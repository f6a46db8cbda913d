// HDF5 files as corpora: found without a name, then read by a rank alone.

#include "jensen/io/corpus.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file = fuzz::as_file({data, size}).string();
  return fuzz::accept_or_refuse([&] {
    const jensen::Communicator alone;
    const jensen::io::CorpusFileInfo info = jensen::io::inspect_corpus(file, alone);
    const jensen::io::LoadedCorpus loaded =
        jensen::io::load_corpus(info, {.fractional_counts = true, .piece_bytes = 64}, alone);
    if (!(loaded.tokens > 0)) __builtin_trap();
  });
}
