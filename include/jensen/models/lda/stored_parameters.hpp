#pragma once

#include "jensen/core/document.hpp"
#include "jensen/models/lda/lda.hpp"

namespace jensen::lda {

/// Parameters of a topic model as model files have them.
struct StoredParameters {
  RowMatrix topics = {};            // K x V: E[beta], rows add up to 1
  RowMatrix topics_dirichlet = {};  // K x V: lambda; empty where topics are points
  Vector alpha = {};                // K
  Vector eta = {};                  // 1 or V; none where topics are points
};

/// Reads them and makes sure that they are those of a topic model: shapes go together; all is positive and
/// finite; each topic adds up to 1 within 1e-8, and is the mean of its Dirichlet. Throws InputError naming
/// the file.
StoredParameters stored_parameters(const Document& document);

/// Throws InputError, without naming the file, where `stored_parameters` would.
void require_parameters(const Document& document);

/// Throws InputError where "/parameters" and the model, loaded from "/state", differ by more than 1e-9 of a
/// number.
void require_agreement(const LatentDirichletAllocation& model, const Document& document);

}  // namespace jensen::lda
