#pragma once

#include <string>
#include <vector>

#include "comparable.hpp"
#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"

namespace jensen::app {

/// Weighted sums over records, of one model or of two and their difference p - q.
struct Totals {
  struct Sum {
    double values = 0, squares = 0;
  };

  Index records = 0;
  double weight = 0;
  double tokens = 0;  // of documents
  std::string source = {};
  std::vector<Sum> sums = {};

  /// Of the total over the records, as a sample; NaN of one record.
  double standard_error(const Sum& sum) const;
};

/// What one model or two say of records or documents, in one pass. Collective; throws InputError where the
/// data are not such as the models were fitted to.
Totals score_data(const std::vector<const Document*>& models, const std::vector<RecordScores>& scores,
                  const std::string& input, const std::string& weights, const Communicator& comm);

/// Whether the scores are those of documents.
bool is_of_documents(const RecordScores& scores);

}  // namespace jensen::app
