#pragma once

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "jensen/core/aligned.hpp"
#include "jensen/core/large_array.hpp"
#include "jensen/data/count_block.hpp"
#include "jensen/data/count_matrix.hpp"
#include "jensen/data/count_partition.hpp"

namespace jensen {

/// What is known of a corpus beside its documents.
struct CorpusInfo {
  std::string source = "the corpus";    // for messages: "file.h5:/corpus"
  std::vector<std::string> words = {};  // V: what the numbers of words stand for, or empty
};

/// The documents of one rank, as compressed sparse rows. Copies share them.
class CountShard {
 public:
  using Block = CountBlock;
  /// Of counts. float32 holds whole numbers up to 2^24.
  enum class Storage { float32, float64 };

  /// Where a block is prepared: belongs to whoever walks over the blocks.
  struct Buffer {
    AlignedVector<double> counts;
    AlignedVector<std::int32_t> words;
  };

  /// `vocabulary`: V.
  CountShard(CountPartition partition, Index vocabulary, Storage storage, CorpusInfo info = {});

  /// Takes where entries of own documents begin, the first document being own number `first_own`, counted
  /// over the whole corpus; for the last own document, or after it, the end of its entries too.
  void fill_offsets(Index first_own, std::span<const std::int64_t> offsets);
  /// Takes entries, the first being this rank's number `first_own`.
  void fill(std::int64_t first_own, std::span<const std::int32_t> words, std::span<const double> counts);

  const CountPartition& partition() const { return corpus_->partition; }
  const CorpusInfo& info() const { return corpus_->info; }
  Index documents() const { return partition().documents(); }
  std::int64_t entries() const { return partition().entries(); }
  Index vocabulary() const { return corpus_->vocabulary; }
  Index first_document() const { return partition().first_document(); }
  Index own_documents() const { return partition().own_documents(); }
  Index block_count() const { return partition().own_blocks(); }

  /// The i-th own block, its words and counts at the start of a cache line; valid until the buffer is used
  /// again.
  CountBlock block(Index i, Buffer& buffer) const;

 private:
  struct Corpus {
    CountPartition partition;
    Index vocabulary;
    CorpusInfo info;
    std::vector<std::int64_t> offsets;  // own documents + 1, counted over the whole corpus
    LargeArray<std::int32_t> words;
    std::variant<LargeArray<float>, LargeArray<double>> counts;
  };

  std::shared_ptr<Corpus> corpus_;
};

/// A shard that holds this whole corpus, for serial use (small examples). `block_documents`: 0 = by work.
CountShard make_serial_shard(const CountMatrix& corpus, Index block_documents = 0);

}  // namespace jensen
