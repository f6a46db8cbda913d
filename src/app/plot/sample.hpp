#pragma once

#include <string>
#include <vector>

#include "app/registry.hpp"
#include "app/settings.hpp"
#include "jensen/core/document.hpp"

namespace jensen::app::plot {

/// Some records of a data set, and the component of each.
struct Sample {
  RowMatrix records = {};               // n x D, in the data's units
  std::vector<Index> labels = {};       // n, or empty where the model cannot say
  std::string source = {};              // "file.h5:/data"
  Index available = 0;                  // records in the data set
  std::vector<std::string> notes = {};  // what a reader should know, sentences

  Index size() const { return records.rows(); }
};

/// The n different records that stand for all: always the same ones of N, in rising order.
std::vector<Index> sample_of(Index records, Index n);

/// The name of the data set to take records from: the one that was asked for, else the one that the model was
/// fitted to, which is looked for beside the model file too. Empty where there is none.
std::string data_name(const Document& document, const PlotSettings& settings);

/// Reads a sample of the data set `source`. Data that were asked for by name and cannot be used throw
/// InputError; those that the model file names are left out then, which a note says.
Sample read_sample(const Document& document, const PlotSettings& settings, const std::string& source,
                   const RegisteredModel& model);

}  // namespace jensen::app::plot
