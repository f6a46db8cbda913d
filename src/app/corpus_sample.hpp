#pragma once

#include <fmt/format.h>

#include <vector>

#include "console.hpp"
#include "jensen/comm/communicator.hpp"
#include "jensen/data/count_matrix.hpp"
#include "jensen/data/partition.hpp"
#include "sample_request.hpp"

namespace jensen::app {

/// Documents with the mixture that each was drawn by.
struct DrawnDocuments {
  CountMatrix corpus = {};
  Index topics = 0;                   // K
  std::vector<double> mixtures = {};  // documents x K
};

/// Throws before anything is drawn where there is no room for documents of that mean length.
void require_room_for_documents(const SampleRequest& request, Index topics, double mean_length,
                                const std::string& model_file);

/// Brings the documents of all ranks together in rank order, on rank 0, and writes them as a corpus that can
/// be fitted again; says so. Collective.
void write_drawn_documents(DrawnDocuments own, const Document& document, const SampleRequest& request,
                           const Communicator& comm);

/// Draws documents into a file: every rank its own, rank 0 writes. Collective.
template <class Sampler>
void draw_documents(const Sampler& sampler, Index topics, Index vocabulary, double mean_length,
                    const Document& document, const SampleRequest& request, const Communicator& comm) {
  comm.on_root([&] { require_room_for_documents(request, topics, mean_length, document.origin); });
  const Partition partition{.records = request.records,
                            .block_rows = chosen_block_rows(0, request.records),
                            .rank = comm.rank(),
                            .size = comm.size()};
  DrawnDocuments own{.corpus = {.vocabulary = vocabulary}, .topics = topics};
  StatusLine line(comm.is_root() ? request.progress : ProgressStyle::none);
  for (Index n = 0; n < partition.own_records(); ++n) {
    const auto drawn = sampler.draw(partition.first_record() + n);
    CountMatrix& corpus = own.corpus;
    corpus.words.insert(corpus.words.end(), drawn.words.begin(), drawn.words.end());
    corpus.counts.insert(corpus.counts.end(), drawn.counts.begin(), drawn.counts.end());
    corpus.offsets.push_back(static_cast<std::int64_t>(corpus.words.size()));
    own.mixtures.insert(own.mixtures.end(), drawn.mixture.begin(), drawn.mixture.end());
    line.show(fmt::format("{:.0f} % of the documents drawn",
                          100.0 * static_cast<double>(n + 1) / static_cast<double>(partition.own_records())));
  }
  line.clear();
  write_drawn_documents(std::move(own), document, request, comm);
}

}  // namespace jensen::app
