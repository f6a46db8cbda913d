#pragma once

#include <string>

#include "console.hpp"
#include "jensen/io/import_corpus.hpp"
#include "settings.hpp"

namespace jensen::app {

/// How much of the input has been read, in percent; 0 where that is not known.
double share_read(const io::ImportProgress& progress);

/// The part of `jensen import` for documents: imports them and says what was found. For one rank.
void import_corpus(ImportSettings settings, const std::string& input, io::CorpusFormat format,
                   StatusLine& line);

}  // namespace jensen::app
