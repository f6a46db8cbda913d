#include "jensen/models/lda/evaluation.hpp"

#include <algorithm>

#include "jensen/core/random.hpp"

namespace jensen::lda {
namespace {

void append(std::int32_t word, double count, std::vector<std::int32_t>& words, std::vector<double>& counts) {
  if (!(count > 0)) return;
  words.push_back(word);
  counts.push_back(count);
}

}  // namespace

void Halves::split(const WordCounts& document, Index global_number, std::uint64_t seed) {
  known_words.clear(), known_counts.clear(), held_words.clear(), held_counts.clear();
  for (std::size_t i = 0; i < document.words.size(); ++i) {
    Stream stream(seed, Purpose::held_out, global_number, static_cast<std::uint64_t>(document.words[i]));
    double known = 0, left = document.counts[i];
    for (; left > 0; left -= 1) {
      if (stream.uniform() < 0.5) known += std::min(left, 1.0);
    }
    append(document.words[i], known, known_words, known_counts);
    append(document.words[i], document.counts[i] - known, held_words, held_counts);
  }
}

double log_probability(const WordCounts& document, const Vector& mixture, const RowMatrix& topics) {
  double sum = 0;
  for (std::size_t i = 0; i < document.words.size(); ++i) {
    double probability = 0;
    for (Index k = 0; k < mixture.size(); ++k) probability += mixture[k] * topics(document.words[i], k);
    sum += document.counts[i] * std::log(probability);
  }
  return sum;
}

void predict(const LatentDirichletAllocation& model, const CountBlock& block, Prediction& prediction) {
  require_valid(block, model.words());
  const Index documents = block.documents();
  prediction.labels.resize(static_cast<std::size_t>(documents));
  prediction.values.resize(documents, std::size(kPredictionColumns));
  prediction.responsibilities.resize(documents, model.topics());
  for (Index n = 0; n < documents; ++n) {
    const auto found = model.infer(block.document(n));
    const Vector mixture = found.mixture();
    mixture.maxCoeff(&prediction.labels[static_cast<std::size_t>(n)]);
    prediction.responsibilities.row(n) = mixture.transpose();
    prediction.values(n, 0) = found.bound;
    prediction.values(n, 1) = found.tokens;
  }
}

}  // namespace jensen::lda
