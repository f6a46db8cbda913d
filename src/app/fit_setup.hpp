#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/init/start_request.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/io/lasting_run.hpp"
#include "settings.hpp"

namespace jensen::app {

/// The number of components that the text gives; throws UsageError.
Index parse_components(const std::string& text);

/// What can be told from the number of records, before any memory is taken. Throws InputError or UsageError.
void require_fitting_sizes(const io::DatasetInfo& info, Index components, Index block_rows);

/// The rules of the settings, but for `tolerance`, whose meaning is the model's. Throws UsageError.
Stopping make_stopping(const FitSettings& settings);

/// A start as the command line names it.
struct NamedStart {
  StartKind kind = StartKind::kmeans;
  std::string file = {};  // FILE, or FILE:/dataset

  /// Whether every restart would be the same.
  bool is_fixed() const { return !file.empty(); }
};

/// Throws UsageError.
NamedStart parse_start(const std::string& text);

/// A start with what it names read.
struct GivenStart {
  StartKind kind = StartKind::kmeans;
  std::vector<Index> labels = {};   // of the own records: 0 ... K-1
  RowMatrix responsibilities = {};  // of the own records
  std::optional<Document> model = {};
};

/// Collective. Throws InputError.
GivenStart read_start(const NamedStart& named, Index components, const Partition& partition,
                      const Communicator& comm);

/// Throws UsageError where the output is one of the inputs, each FILE or FILE:/dataset: it would be lost.
void keep_inputs(const std::string& output, const std::vector<std::string>& inputs);

/// A model file, on every rank. Collective; throws InputError on all.
Document read_model(const std::string& file, const Communicator& comm);

/// "x0", "x1" ... where the data have no names.
std::vector<std::string> feature_names(const io::DatasetInfo& info);

/// What a rank will need, in bytes.
struct MemoryEstimate {
  double data = 0;
  double sums = 0;   // statistics, their exact sums, and what travels
  double start = 0;  // of the own records: what was given for a start, and what seeding and k-means keep

  double total() const { return data + sums + start; }
};
MemoryEstimate estimate_memory(const io::DatasetInfo& info, const FitSettings& settings,
                               Index statistics_size, int ranks);

/// The lines that open a run.
void announce_fit(const std::string& model, const std::string& summary, const io::DatasetInfo& info,
                  const FitSettings& settings, const std::vector<Option>& model_options,
                  const std::string& tolerance_meaning, const MemoryEstimate& memory, int ranks);

/// What a model file says of options and data: the groups "/config", "/data" and "/fingerprint".
Document fit_header(const io::DatasetInfo& info, const io::LoadedData& data, const std::string& model,
                    const std::vector<Option>& options);

/// Attributes of "/fit" on where the time went; `waiting` and `reading` in seconds, of this process.
void record_times(const io::LastingRun& run, double waiting, double reading, int ranks, Document& document);

/// The group "/search": one row, with the columns that a table of several fits would have.
void record_search(const FitSettings& settings, Index components, Document& document);

}  // namespace jensen::app
