#pragma once

#include <span>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"
#include "jensen/data/count_shard.hpp"

namespace jensen {

enum class CountStartKind {
  random,     // random topics
  documents,  // random documents
  labels,     // given: a topic for each document
  model,      // the topics of a model file
};

/// What a model of documents needs to make its first parameters; the same on every rank but for the own
/// documents.
struct CountStartRequest {
  CountStartKind kind;
  std::uint64_t seed;
  Index components;
  const CountShard& shard;
  double tokens;  // of all documents
  const Communicator& comm;
  std::span<const Index> labels = {};  // of the own documents: 0 ... K-1
  const Document* model = nullptr;
};

}  // namespace jensen
