#pragma once

#include <functional>
#include <span>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/init/count_start_request.hpp"
#include "jensen/models/lda/lda.hpp"

namespace jensen::lda {

/// Each topic's number for each word uniform in (1/2, 3/2), a function of (seed, word, topic).
void start_at_random(LatentDirichletAllocation& model, std::uint64_t seed);

/// The topics of a model file, its Dirichlet or, where either has none, its points: lambda is then their
/// probabilities times `topic_tokens`, plus eta. Alpha and eta stay as they are in the settings. Throws
/// InputError where they are of another number or of other words.
void start_from_model(LatentDirichletAllocation& model, const Document& document, double topic_tokens);

/// The global step from documents that are of one topic each: topic_of(global number) is 0 ... K-1, or
/// negative for a document that is left out. Collective. Returns what the step had to repair.
template <class Shard>
std::vector<Repair> start_from_labels(LatentDirichletAllocation& model, const Shard& shard,
                                      const Communicator& comm, const std::function<Index(Index)>& topic_of) {
  Sums sums = model.make_sums();
  accumulate(shard, comm, sums, [&](const CountBlock& block, Index, Sums& own) {
    require_valid(block, model.words());
    for (Index n = 0; n < block.documents(); ++n) {
      const Index topic = topic_of(block.first_document + n);
      if (topic >= 0) model.add_labelled(block.document(n), topic, own);
    }
  });
  return model.label_step(sums);
}

/// K different documents out of so many, as many as there are: a function of the seed alone.
std::vector<Index> draw_documents(Index documents, Index topics, std::uint64_t seed);

/// Each topic begins as one random document, beside 1 for each word (lda-c's seeded start). Collective.
template <class Shard>
void start_from_documents(LatentDirichletAllocation& model, const Shard& shard, const Communicator& comm,
                          Index documents, std::uint64_t seed) {
  const std::vector<Index> drawn = draw_documents(documents, model.topics(), seed);
  Sums sums = model.make_sums();
  accumulate(shard, comm, sums, [&](const CountBlock& block, Index, Sums& own) {
    require_valid(block, model.words());
    for (std::size_t k = 0; k < drawn.size(); ++k) {
      const Index n = drawn[k] - block.first_document;
      if (n >= 0 && n < block.documents()) model.add_labelled(block.document(n), static_cast<Index>(k), own);
    }
  });
  RowMatrix topic_word(model.words(), model.topics());
  for (Index w = 0; w < model.words(); ++w) {
    for (Index k = 0; k < model.topics(); ++k)
      topic_word(w, k) = 1 + sums.row(w)[static_cast<std::size_t>(k)];
  }
  model.set_topics(topic_word);
}

/// Gives the model its first topics, as the request says. Collective. Returns what had to be repaired. Throws
/// InputError where a given model has other topics or words.
std::vector<Repair> start(LatentDirichletAllocation& model, const CountStartRequest& request);

}  // namespace jensen::lda
