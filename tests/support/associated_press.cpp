#include <cstdlib>

#include "support/corpus.hpp"

namespace test {

std::optional<Corpus> associated_press() {
  const char* const folder = std::getenv("JENSEN_AP_CORPUS");
  return read_lda_c(
      std::string(folder != nullptr ? folder : TEST_DATA_DIR "/../../../shared/data/ap") + "/ap.dat", 10473);
}

}  // namespace test
