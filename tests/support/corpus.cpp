#include "support/corpus.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "jensen/core/random.hpp"

namespace test {
using namespace jensen;

namespace {

/// A gamma deviate of any shape: of shape + 1 by Marsaglia and Tsang (2000), times a power of a uniform.
double gamma_deviate(Stream& stream, double shape) {
  const double d = shape + 1 - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = stream.normal(), v = std::pow(1 + c * x, 3);
    if (v > 0 && stream.exponential() > -(x * x / 2 + d - d * v + d * std::log(v)))
      return d * v * std::pow(stream.uniform(), 1 / shape);
  }
}

}  // namespace

double Corpus::tokens() const {
  double sum = 0;
  for (const auto& document : documents) {
    for (const auto& [word, count] : document) sum += count;
  }
  return sum;
}

Corpus block_diagonal() {
  Corpus corpus{.vocabulary = 9};
  for (std::int32_t n = 0; n < 9; ++n) {
    const std::int32_t first = n / 3 * 3;
    corpus.documents.push_back({{first, 3.0}, {first + 1, 3.0}, {first + 2, 3.0}});
  }
  return corpus;
}

Corpus drawn_corpus(Index documents, Index words, Index topics) {
  Corpus corpus{.vocabulary = words};
  for (Index n = 0; n < documents; ++n) {
    Stream stream(5, Purpose::sampling, n);
    std::vector<double> mixture;
    double sum = 0;
    for (Index k = 0; k < topics; ++k) mixture.push_back(sum += gamma_deviate(stream, 0.2));
    const Index length = n % 7 == 3 ? 0 : static_cast<Index>(20 + 80 * stream.uniform());
    std::map<std::int32_t, double> counts;
    for (Index i = 0; i < length; ++i) {
      const double u = stream.uniform() * sum;
      const Index k = std::upper_bound(mixture.begin(), mixture.end() - 1, u) - mixture.begin();
      // A topic has its own slice of the vocabulary nine times out of ten; low words are frequent.
      const double place = std::pow(stream.uniform(), 2);
      const Index slice = words / topics;
      const bool own = stream.uniform() < 0.9;
      const Index word = own ? k * slice + static_cast<Index>(place * static_cast<double>(slice))
                             : static_cast<Index>(place * static_cast<double>(words));
      counts[static_cast<std::int32_t>(word)] += 1;
    }
    corpus.documents.emplace_back(counts.begin(), counts.end());
  }
  return corpus;
}

std::optional<Corpus> read_lda_c(const std::string& path, Index vocabulary) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  Corpus corpus{.vocabulary = vocabulary};
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    Index size = 0;
    fields >> size;
    auto& document = corpus.documents.emplace_back();
    std::int32_t word = 0;
    char colon = 0;
    double count = 0;
    while (fields >> word >> colon >> count) document.emplace_back(word, count);
  }
  return corpus;
}

CorpusShard::CorpusShard(const Corpus& corpus, const Communicator& comm, Index block_documents)
    : partition_{.records = static_cast<Index>(corpus.documents.size()),
                 .block_rows = block_documents,
                 .rank = comm.rank(),
                 .size = comm.size()},
      vocabulary_(corpus.vocabulary) {
  for (const auto& document : corpus.documents) {
    for (const auto& [word, count] : document) words_.push_back(word), counts_.push_back(count);
    offsets_.push_back(static_cast<std::int64_t>(words_.size()));
  }
}

CountBlock CorpusShard::block(Index i, Buffer&) const {
  const Index first = (partition_.first_block() + i) * partition_.block_rows, count = partition_.rows_of(i);
  const auto begin = static_cast<std::size_t>(first), size = static_cast<std::size_t>(count);
  const auto from = static_cast<std::size_t>(offsets_[begin]);
  const auto entries = static_cast<std::size_t>(offsets_[begin + size]) - from;
  return {.first_document = first,
          .vocabulary = vocabulary_,
          .offsets = std::span(offsets_).subspan(begin, size + 1),
          .words = std::span(words_).subspan(from, entries),
          .counts = std::span(counts_).subspan(from, entries)};
}

}  // namespace test
