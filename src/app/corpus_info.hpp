#pragma once

#include <string>

#include "jensen/comm/communicator.hpp"
#include "settings.hpp"

namespace jensen::app {

/// Whether FILE, or FILE:/group, is no model file but has a sparse matrix in it. Collective.
bool is_corpus(const std::string& name, const Communicator& comm);

/// `jensen info` of a corpus: reads all of it, and prints sizes and the most frequent words. Collective;
/// throws InputError where it cannot be used.
int corpus_info(const std::string& name, const InfoSettings& settings, const Communicator& comm);

}  // namespace jensen::app
