// Corpora as text: the first byte chooses lda-c, UCI, SVMlight, Matrix Market or plain text. The rest may be
// compressed.

#include <array>

#include "jensen/io/import_corpus.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using jensen::io::CorpusFormat;
  constexpr std::array kFormats = {CorpusFormat::lda_c, CorpusFormat::uci, CorpusFormat::svmlight,
                                   CorpusFormat::matrix_market, CorpusFormat::text};
  const fuzz::Choice choice({data, size});
  const std::filesystem::path file = fuzz::as_file(choice.rest);
  jensen::io::find_corpus_format(file);
  return fuzz::accept_or_refuse([&] {
    jensen::io::import_corpus(file, fuzz::folder() / "out.h5", kFormats[choice.first % kFormats.size()],
                              {.fractional_counts = choice.first >= 128, .minimum_length = 1});
  });
}
