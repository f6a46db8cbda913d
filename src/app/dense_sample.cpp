#include "dense_sample.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "json.hpp"

namespace jensen::app {

void report_sample(const SampleRequest& request, Index features, const std::vector<std::int64_t>& counts,
                   const std::string& model_file) {
  if (request.json) {
    print_json({{"output", request.output},
                {"model_file", model_file},
                {"records", request.records},
                {"features", features},
                {"seed", request.seed},
                {"sizes", counts}});
    return;
  }
  fmt::print("{} records x {} features drawn from {}, seed {}\n", request.records, features, model_file,
             request.seed);
  fmt::print("records written to {}:/data, their components to {}:/labels\n", request.output, request.output);
}

}  // namespace jensen::app
