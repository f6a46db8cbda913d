#include "predict.hpp"

#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "json.hpp"

namespace jensen::app {

Document results_header(const Document& model) {
  Document header;
  header.set_attribute("/", "format", std::string("jensen-results"));
  header.set_attribute("/", "format_version", std::int64_t{1});
  header.set_attribute("/", "program_version", std::string(JENSEN_VERSION));
  header.set_attribute("/", "model", model.text_attribute("/", "model"));
  header.set_attribute("/", "model_file", model.origin);
  return header;
}

Document results_header(const Document& model, const std::string& input) {
  Document header = results_header(model);
  header.set_attribute("/", "input", input);
  return header;
}

void report_predictions(const PredictSettings& settings, const std::vector<io::ResultColumn>& columns,
                        const io::LoadedData& data, const std::string& model_file) {
  const Index records = data.shard.global_records();
  std::vector<std::string> names;
  for (const io::ResultColumn& column : columns) names.push_back(column.name);
  if (settings.json) {
    print_json({{"output", settings.output},
                {"model_file", model_file},
                {"input", data.shard.info().source},
                {"records", records},
                {"datasets", names}});
    return;
  }
  fmt::print("{} of {} records written to {}\n", fmt::join(names, ", "), records, settings.output);
}

}  // namespace jensen::app
