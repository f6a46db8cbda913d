#pragma once

#include <string>
#include <utility>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"
#include "jensen/io/lasting_run.hpp"
#include "nouns.hpp"
#include "settings.hpp"

namespace jensen::app {

/// The number of components that the text gives; throws UsageError.
Index parse_components(const std::string& text);

/// The rules of the settings, but for `tolerance`, whose meaning is the model's. Throws UsageError.
Stopping make_stopping(const FitSettings& settings);

/// Hides an option of every fit that makes no sense for a model, and refuses it where it is given.
void refuse(Option& option, const std::string& why);

/// A start as the command line names it: "labels:FILE:/d".
struct NamedStart {
  std::string how = {};   // "labels"
  std::string file = {};  // FILE, or FILE:/dataset

  /// Whether every restart would be the same.
  bool is_fixed() const { return !file.empty(); }
};

/// `forms` are those that a start may have, "random|responsibilities[:FILE:/d]|labels:FILE:/d". Throws
/// UsageError.
NamedStart parse_start(const std::string& text, const std::string& forms);

/// The distinct labels of all ranks in rising order are components 0 ... K-1. Collective. Throws InputError
/// where there are not K; `source` names the labels.
std::vector<Index> number_labels(const std::vector<std::int64_t>& own, Index components,
                                 const std::string& source, const Communicator& comm);

/// Which of the fits of a run a start is for.
struct StartOccasion {
  std::uint64_t seed = 0;
  Index restart = 0, restarts = 1;
  Index max_iterations = 0;
  Run* run = nullptr;
};

/// Throws UsageError where the output is one of the inputs, each FILE or FILE:/dataset: it would be lost.
void keep_inputs(const std::string& output, const std::vector<std::string>& inputs);

/// A model file, on every rank. Collective; throws InputError on all.
Document read_model(const std::string& file, const Communicator& comm);

/// What a rank will need in bytes, by what it is for.
using MemoryEstimate = std::vector<std::pair<std::string, double>>;

/// Of statistics of so many entries: a block's sums and the totals, their exact sums, and what travels.
double bytes_of_sums(Index statistics_size, int ranks);

/// What is said of a fit before its data are read.
struct Announcement {
  std::string model = {};
  std::string summary = {};
  std::vector<Option> options = {};  // the model's own
  std::string tolerance_meaning = {};
  std::string data = {};
  Nouns nouns = {};
  MemoryEstimate memory = {};
  int ranks = 1;
};

/// Prints the lines that open a run.
void announce_fit(const Announcement& fit, const FitSettings& settings);

/// What a model file says of the options: the group "/config", added to what it says of the data.
void record_config(const std::string& model, const std::string& input, const std::vector<Option>& options,
                   Document& header);

/// Attributes of "/fit" on where the time went; `waiting` and `reading` in seconds, of this process.
void record_times(const io::LastingRun& run, double waiting, double reading, int ranks, Document& document);

/// The group "/search": one row, with the columns that a table of several fits would have.
void record_search(const FitSettings& settings, Index components, Document& document);

}  // namespace jensen::app
