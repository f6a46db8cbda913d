#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/data/count_block.hpp"
#include "jensen/data/partition.hpp"

namespace test {

/// Documents as lists of (word, count), in the order given.
struct Corpus {
  jensen::Index vocabulary = 0;
  std::vector<std::vector<std::pair<std::int32_t, double>>> documents = {};

  double tokens() const;
};

/// Three blocks of three words on the diagonal, each count 3.
Corpus block_diagonal();

/// Documents drawn from topics that share few words: mixtures are Dirichlet(.2), lengths vary, some documents
/// are empty.
Corpus drawn_corpus(jensen::Index documents, jensen::Index words, jensen::Index topics);

/// A file of lda-c: "words word:count word:count ..." a line; none where there is no such file.
std::optional<Corpus> read_lda_c(const std::string& path, jensen::Index vocabulary);

/// The Associated Press corpus of the reference figures, where it is at hand ($JENSEN_AP_CORPUS, a folder).
std::optional<Corpus> associated_press();

/// A rank's documents, in blocks of as many each.
class CorpusShard {
 public:
  using Block = jensen::CountBlock;
  struct Buffer {};

  explicit CorpusShard(const Corpus& corpus, const jensen::Communicator& comm = {},
                       jensen::Index block_documents = 16);

  const jensen::Partition& partition() const { return partition_; }
  jensen::Index block_count() const { return partition_.own_blocks(); }
  jensen::CountBlock block(jensen::Index i, Buffer&) const;
  jensen::Index vocabulary() const { return vocabulary_; }

 private:
  jensen::Partition partition_;
  jensen::Index vocabulary_;
  std::vector<std::int64_t> offsets_ = {0};  // of all documents
  std::vector<std::int32_t> words_ = {};
  std::vector<double> counts_ = {};
};

}  // namespace test
