#include <algorithm>

#include "fit_setup.hpp"
#include "jensen/core/fail_point.hpp"

namespace jensen::app {

void record_search(const FitSettings& settings, Index components, Document& document) {
  JENSEN_FAIL_POINT("result");
  const auto text = [&](const char* column, const std::string& value) {
    document.set(std::string("/search/") + column, NdArray{{1}, std::vector<std::string>{value}});
  };
  const auto copy = [&](const char* column, const char* attribute) {
    if (document.has_attribute("/fit", attribute)) {
      document.set(std::string("/search/") + column,
                   std::vector{document.number_attribute("/fit", attribute)}, {1});
    }
  };
  text("family", document.has_attribute("/parameters", "family")
                     ? document.text_attribute("/parameters", "family")
                     : "");
  text("start", settings.start);
  text("stop_reason", document.text_attribute("/fit", "stop_reason"));
  document.set("/search/components", NdArray{{1}, std::vector<std::int64_t>{components}});
  document.set("/search/seed", NdArray{{1}, std::vector<std::int64_t>{settings.seed}});
  for (const char* name :
       {"objective", "log_likelihood", "free_parameters", "bic", "icl", "aic", "floor_active"})
    copy(name, name);
  copy("iterations", "iteration");
  copy("elapsed_seconds", "total_seconds");
}

void record_config(const std::string& model, const std::string& input, const std::vector<Option>& options,
                   Document& header) {
  header.set_attribute("/config", "model", model);
  header.set_attribute("/config", "input", input);
  for (const Option& option : options) {
    if (option.is_recorded()) header.set_attribute("/config", option.name, option.get());
  }
}

void record_times(const io::LastingRun& run, double waiting, double reading, int ranks, Document& document) {
  const double total = run.seconds();
  const auto set = [&](const char* name, Document::Scalar value) {
    document.set_attribute("/fit", name, std::move(value));
  };
  set("ranks", std::int64_t{ranks});
  set("resumes", run.resumes());
  set("total_seconds", total);
  set("communication_seconds", waiting);
  set("io_seconds", reading);
  set("checkpoint_seconds", run.cost().seconds);
  set("compute_seconds", std::max(0.0, total - waiting - reading - run.cost().seconds));
}

}  // namespace jensen::app
