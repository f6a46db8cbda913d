#include "results.hpp"

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

}  // namespace jensen::app
