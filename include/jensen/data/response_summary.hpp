#pragma once

#include <string>
#include <vector>

#include "jensen/data/feature_summary.hpp"

namespace jensen {

/// What is known of all records with their responses and groups: what a model of them is made for.
struct ResponseSummary {
  FeatureSummary feature_summary = {};
  Transform transform = {};                     // of the features into internal coordinates
  std::vector<std::string> feature_names = {};  // D

  Index features() const { return feature_summary.features(); }

  Index records = 0, block_rows = 1;
  double total_weight = 0;

  bool has_response = false;
  double mean = 0, variance = 0, minimum = 0, maximum = 0;  // of the responses, weighted
  bool integers = false;                                    // are they all?
  std::vector<std::int64_t> classes = {};  // distinct responses in rising order, where they were numbered
  std::vector<std::int64_t> groups = {};   // distinct labels in rising order; empty: no groups
  std::string separation = {};  // of the classes by the features, as a sentence; empty: none was found
  std::vector<std::vector<Index>> dependent = {};  // sets of features that are linearly dependent; not stored
};

/// As attributes and arrays of "/data" and "/preprocess", and back. Throws InputError.
void store_summary(const ResponseSummary& summary, Document& document);
ResponseSummary stored_summary(const Document& document);

}  // namespace jensen
