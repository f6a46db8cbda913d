#pragma once

#include <string>
#include <tuple>

#include "jensen/core/options.hpp"

namespace jensen::lda {

struct Options {
  std::string topics = "dirichlet";
  std::string alpha = "1/K";
  std::string eta = "1/K";
  std::string document_step = "block";
  Index document_sweeps = 100;
  double document_tolerance = 1e-3;
  bool warm_documents = false;
  Index batch = 0;
  double kappa = 0.7;
  double tau0 = 10;
  bool fractional_counts = false;

  static auto fields() {
    return std::tuple(
        Field{"topics", &Options::topics, "dirichlet|point",
              "what q says of a topic: a Dirichlet over words, or one point without a prior, as lda-c"},
        Field{"alpha", &Options::alpha, "A|A1,A2,...|1/K|learned|learned-asymmetric",
              "Dirichlet prior of a document's topics: a number, one for each topic, or fitted"},
        Field{"eta", &Options::eta, "E|/d|1/K|learned|learned-asymmetric",
              "Dirichlet prior of a topic's words: a number, a data set with one for each word (/d or "
              "FILE:/d), or fitted (Dirichlet topics only)"},
        Field{"document-step", &Options::document_step, "block|sequential",
              "sweep over a document's words at once, or word by word in lda-c's order (slower)"},
        Field{"document-sweeps", &Options::document_sweeps, "n", "most sweeps over a document in a pass"},
        Field{
            "document-tolerance", &Options::document_tolerance, "e",
            "end sweeps where gamma changes by less on average (block), or where the document's bound gains "
            "less relative to it (sequential)"},
        Field{"warm-documents", &Options::warm_documents, "",
              "let documents go on from the pass before: faster, but after a resume the bits are others"},
        Field{"batch", &Options::batch, "n",
              "stochastic inference: documents looked at in an iteration, about, until --max-iterations; 0 = "
              "all, and "
              "full steps"},
        Field{"kappa", &Options::kappa, "x", "stochastic steps are (tau0 + t)^-kappa; 0.5 to 1"},
        Field{"tau0", &Options::tau0, "x", "delays stochastic steps: 0 or more"},
        Field{"fractional-counts", &Options::fractional_counts, "",
              "admit counts of words that are not whole numbers"});
  }
};

}  // namespace jensen::lda
