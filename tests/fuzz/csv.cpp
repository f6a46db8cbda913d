// Text tables. The bits of the first byte choose what the input is read as, and in how small pieces.

#include "io/import_csv_pieces.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Header = jensen::io::CsvOptions::Header;
  const fuzz::Choice choice({data, size});
  const unsigned bits = choice.first;
  jensen::io::CsvOptions options;
  options.header = bits & 1U ? Header::yes : bits & 2U ? Header::no : Header::automatic;
  options.float32 = (bits & 4U) != 0;
  if (bits & 8U) options.delimiter = bits & 16U ? ";" : " ";
  if (bits & 32U) options.columns = {"2", "1"};
  jensen::io::csv::Limits limits;
  if (bits & 64U) limits = {.piece_bytes = 5, .sample_bytes = 16, .record_bytes = 256};
  const std::filesystem::path file = fuzz::as_file(choice.rest);
  return fuzz::accept_or_refuse(
      [&] { jensen::io::csv::import_in_pieces(file, fuzz::folder() / "out.h5", options, {}, limits); });
}
