#include "jensen/models/lda/start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "jensen/models/lda/stored_parameters.hpp"

namespace jensen::lda {

void start_at_random(LatentDirichletAllocation& model, std::uint64_t seed) {
  RowMatrix topic_word(model.words(), model.topics());
  for (Index w = 0; w < model.words(); ++w) {
    Stream stream(seed, Purpose::topics, w);
    for (Index k = 0; k < model.topics(); ++k) topic_word(w, k) = 0.5 + stream.uniform();
  }
  model.set_topics(topic_word);
}

void start_from_model(LatentDirichletAllocation& model, const Document& document, double topic_tokens) {
  const StoredParameters stored = stored_parameters(document);
  if (stored.topics.rows() != model.topics() || stored.topics.cols() != model.words()) {
    throw InputError(fmt::format(
        "'{}' has {} topics of {} words (must be {} of {}, as in this fit); give --components or "
        "the data that it has",
        document.origin, stored.topics.rows(), stored.topics.cols(), model.topics(), model.words()));
  }
  const bool points = model.settings().kind == TopicKind::point;
  if (points || stored.topics_dirichlet.size() == 0) {
    RowMatrix topic_word = stored.topics.transpose();
    for (Index w = 0; !points && w < model.words(); ++w)
      topic_word.row(w).array() = topic_tokens * topic_word.row(w).array() + model.eta_of(w);
    model.set_topics(topic_word);
  } else {
    model.set_topics(stored.topics_dirichlet.transpose());
  }
}

std::vector<Index> draw_documents(Index documents, Index topics, std::uint64_t seed) {
  std::vector<Index> drawn;
  std::set<Index> taken;
  const Index count = std::min(documents, topics);
  for (Stream stream(seed, Purpose::seeding, 0); static_cast<Index>(drawn.size()) < count;) {
    const auto document = static_cast<Index>(stream.uniform() * static_cast<double>(documents));
    if (taken.insert(document).second) drawn.push_back(document);
  }
  return drawn;
}

std::vector<Repair> start(LatentDirichletAllocation& model, const CountStartRequest& request) {
  const CountShard& shard = request.shard;
  switch (request.kind) {
    case CountStartKind::random:
      start_at_random(model, request.seed);
      return {};
    case CountStartKind::documents:
      start_from_documents(model, shard, request.comm, shard.documents(), request.seed);
      return {};
    case CountStartKind::labels:
      return start_from_labels(model, shard, request.comm, [&](Index document) {
        return request.labels[static_cast<std::size_t>(document - shard.first_document())];
      });
    case CountStartKind::model:
      start_from_model(model, *request.model, request.tokens / static_cast<double>(model.topics()));
      return {};
  }
  return {};
}

}  // namespace jensen::lda
