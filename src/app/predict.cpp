#include "predict.hpp"

#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "json.hpp"
#include "print.hpp"

namespace jensen::app {

void report_predictions(const PredictSettings& settings, const std::vector<io::ResultColumn>& columns,
                        Index records, const Nouns& nouns, const std::string& input,
                        const std::string& model_file) {
  std::vector<std::string> names;
  for (const io::ResultColumn& column : columns) names.push_back(column.name);
  if (settings.json) {
    print_json({{"output", settings.output},
                {"model_file", model_file},
                {"input", input},
                {nouns.records, records},
                {"datasets", names}});
    return;
  }
  print_out("{} of {} {} written to {}\n", fmt::join(names, ", "), records, nouns.records, settings.output);
}

}  // namespace jensen::app
