#include "dense_sample.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "json.hpp"
#include "print.hpp"

namespace jensen::app {

void report_sample(const SampleRequest& request, Index features, const std::vector<std::int64_t>& counts,
                   const std::string& model_file) {
  if (request.json) {
    Json json = {{"output", request.output},
                 {"model_file", model_file},
                 {"records", request.records},
                 {"features", features},
                 {"seed", request.seed}};
    if (!counts.empty()) json["sizes"] = counts;
    return print_json(json);
  }
  print_out("{} records x {} features drawn from {}, seed {}\n", request.records, features, model_file,
            request.seed);
  const std::string labels =
      counts.empty() ? "" : fmt::format(", their components to {}:/labels", request.output);
  print_out("records written to {}:/data{}\n", request.output, labels);
}

}  // namespace jensen::app
