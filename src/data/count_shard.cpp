#include "jensen/data/count_shard.hpp"

#include <algorithm>
#include <utility>

#include "jensen/core/fail_point.hpp"

namespace jensen {

CountShard::CountShard(CountPartition partition, Index vocabulary, Storage storage, CorpusInfo info) {
  const auto documents = static_cast<std::size_t>(partition.own_documents());
  const auto entries = static_cast<std::size_t>(partition.own_entries());
  std::vector<std::int64_t> offsets(documents + 1, partition.first_entry());
  corpus_ =
      std::make_shared<Corpus>(Corpus{std::move(partition), vocabulary, std::move(info), std::move(offsets),
                                      LargeArray<std::int32_t>(entries), LargeArray<float>()});
  if (storage == Storage::float32) {
    corpus_->counts = LargeArray<float>(entries);
  } else {
    corpus_->counts = LargeArray<double>(entries);
  }
}

void CountShard::fill_offsets(Index first_own, std::span<const std::int64_t> offsets) {
  std::copy(offsets.begin(), offsets.end(), corpus_->offsets.begin() + first_own);
}

void CountShard::fill(std::int64_t first_own, std::span<const std::int32_t> words,
                      std::span<const double> counts) {
  std::copy(words.begin(), words.end(), corpus_->words.data() + first_own);
  std::visit(
      [&](auto& stored) {
        using S = typename std::decay_t<decltype(stored)>::value_type;
        std::transform(counts.begin(), counts.end(), stored.data() + first_own,
                       [](double count) { return static_cast<S>(count); });
      },
      corpus_->counts);
}

CountBlock CountShard::block(Index i, Buffer& buffer) const {
  const CountPartition& part = partition();
  const Index b = part.first_block() + i, first = part.first_document_of_block(b);
  const auto documents = static_cast<std::size_t>(part.first_document_of_block(b + 1) - first);
  const std::int64_t begin = part.first_entry_of_block(b) - part.first_entry();
  const std::int64_t end = part.first_entry_of_block(b + 1) - part.first_entry();
  buffer.words.assign(corpus_->words.data() + begin, corpus_->words.data() + end);
  std::visit([&](const auto& stored) { buffer.counts.assign(stored.data() + begin, stored.data() + end); },
             corpus_->counts);
  JENSEN_FAIL_NUMBERS("local-step", buffer.counts);
  const auto own = static_cast<std::size_t>(first - part.first_document());
  return {.first_document = first,
          .vocabulary = vocabulary(),
          .offsets = std::span(corpus_->offsets).subspan(own, documents + 1),
          .words = buffer.words,
          .counts = buffer.counts};
}

CountShard make_serial_shard(const CountMatrix& corpus, Index block_documents) {
  const CountBlockRule rule(corpus.documents(), corpus.offsets.back(), block_documents);
  const std::span offsets(corpus.offsets);
  CountPartition partition(block_starts(rule, 0, offsets.first(offsets.size() - 1)), corpus.documents(),
                           corpus.offsets.back());
  CountShard shard(std::move(partition), corpus.vocabulary, CountShard::Storage::float64);
  shard.fill_offsets(0, offsets);
  shard.fill(0, corpus.words, corpus.counts);
  return shard;
}

}  // namespace jensen
