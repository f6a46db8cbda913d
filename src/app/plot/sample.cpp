#include "sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "jensen/core/error.hpp"
#include "jensen/core/random.hpp"
#include "jensen/io/records.hpp"

namespace jensen::app::plot {
namespace {

constexpr std::uint64_t kSeed = 1;

/// Whether the names are those that jensen gives where the data have none.
bool are_made_up(const std::vector<std::string>& names) {
  for (std::size_t d = 0; d < names.size(); ++d) {
    if (names[d] != fmt::format("x{}", d)) return false;
  }
  return true;
}

/// Throws InputError where the data set has other features than the model.
void require_same_features(const Document& document, const io::DatasetInfo& info) {
  const Index features = document.integer_attribute("/data", "features");
  if (info.features != features) {
    throw InputError(fmt::format("'{}' has {} features (must be {}, as in the data that {} was fitted to)",
                                 info.name(), info.features, features, document.origin));
  }
  const std::vector<std::string> names = feature_names_of(document, features);
  if (info.feature_names.empty() || are_made_up(names)) return;
  for (std::size_t d = 0; d < names.size(); ++d) {
    if (info.feature_names[d] == names[d]) continue;
    throw InputError(
        fmt::format("feature {} of '{}' is '{}' (must be '{}', as in the data that {} was fitted to)", d + 1,
                    info.name(), info.feature_names[d], names[d], document.origin));
  }
}

Sample read(const Document& document, Index most, const std::string& source, const RegisteredModel& model) {
  const io::DatasetInfo info = io::inspect(source, Communicator());
  require_same_features(document, info);
  Sample sample{.source = info.name(), .available = info.records};
  sample.records = io::read_records(info, sample_of(info.records, most));
  const auto fitted = document.has_attribute("/data", "records")
                          ? document.integer_attribute("/data", "records")
                          : std::int64_t{info.records};
  if (info.records != fitted)
    sample.notes.push_back(fmt::format("The model was fitted to {} records.", fitted));
  if (document.has_attribute("/config", "weights") && !document.text_attribute("/config", "weights").empty())
    sample.notes.emplace_back("The weights of the fit are not shown: every record is drawn alike.");
  try {
    sample.labels = model.labels(document, sample.records);
  } catch (const InputError& error) {
    sample.notes.push_back(fmt::format("Components of the records are not shown: {}.", error.what()));
  }
  return sample;
}

}  // namespace

std::vector<Index> sample_of(Index records, Index n) {
  // Floyd's algorithm (Bentley and Floyd 1987)
  std::unordered_set<Index> chosen;
  for (Index last = std::max<Index>(records - n, 0); last < records; ++last) {
    const double uniform = Stream(kSeed, Purpose::display, last).uniform();
    const auto drawn = static_cast<Index>(uniform * static_cast<double>(last + 1));
    if (!chosen.insert(drawn).second) chosen.insert(last);
  }
  std::vector<Index> list(chosen.begin(), chosen.end());
  std::sort(list.begin(), list.end());
  return list;
}

std::string data_name(const Document& document, const PlotSettings& settings) {
  if (!settings.data.empty()) return settings.data;
  if (!document.has_attribute("/data", "source")) return {};
  const std::string& source = document.text_attribute("/data", "source");
  const std::filesystem::path file = source.substr(0, source.rfind(":/"));
  std::error_code ignored;
  const auto beside = std::filesystem::path(document.origin).parent_path() / file;
  if (!file.is_absolute() && !std::filesystem::exists(file, ignored) &&
      std::filesystem::exists(beside, ignored)) {
    return beside.string() + source.substr(file.string().size());
  }
  return source;
}

Sample read_sample(const Document& document, const PlotSettings& settings, const std::string& source,
                   const RegisteredModel& model) {
  if (!model.why_no_plane().empty()) return {};
  if (settings.records == 0) return {.notes = {"No records are drawn, as asked."}};
  if (source.empty()) return {.notes = {"No records are drawn: the model file names no data set."}};
  try {
    return read(document, settings.records, source, model);
  } catch (const InputError& error) {
    if (!settings.data.empty()) throw;
    return {.notes = {
                fmt::format("No records are drawn: {}. The option --data names a data set.", error.what())}};
  }
}

}  // namespace jensen::app::plot
