#include "registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "jensen/core/error.hpp"
#include "jensen/models/advi/method.hpp"
#include "jensen/models/advi/start.hpp"
#include "jensen/models/bayes_gmm/method.hpp"
#include "jensen/models/bayes_gmm/start.hpp"
#include "jensen/models/gmm/method.hpp"
#include "jensen/models/gmm/start.hpp"
#include "jensen/models/kmeans/method.hpp"
#include "jensen/models/kmeans/start.hpp"
#include "jensen/models/lda/method.hpp"
#include "jensen/models/lda/start.hpp"
#include "registered.hpp"

namespace jensen::app {

std::vector<std::unique_ptr<RegisteredModel>> make_registry() {
  std::vector<std::unique_ptr<RegisteredModel>> models;
  models.push_back(registered<kmeans::Method>(kmeans::start));
  models.push_back(registered<gmm::Method>(gmm::start));
  models.push_back(registered<bayes_gmm::Method>(bayes_gmm::start));
  models.push_back(registered<lda::Method>(lda::start));
  models.push_back(registered<advi::Method>(advi::start));
  return models;
}

std::unique_ptr<RegisteredModel> make_model(const std::string& name) {
  std::vector<std::string> names;
  for (auto& model : make_registry()) {
    if (model->name() == name) return std::move(model);
    names.push_back(model->name());
  }
  throw UsageError(fmt::format("model = '{}' (must be one of {})", name, fmt::join(names, ", ")));
}

std::unique_ptr<RegisteredModel> model_of(const Document& document) {
  if (!document.has_attribute("/", "model")) {
    throw InputError(fmt::format(
        "'{}' cannot be used: no attribute 'model' on '/' (programs that use the library need not "
        "write it); use the program that wrote the file, or see what it holds by 'jensen info "
        "--json'",
        document.origin));
  }
  try {
    return make_model(document.text_attribute("/", "model"));
  } catch (const UsageError& error) {
    throw InputError(fmt::format(
        "'{}' cannot be used: {}; use the program that wrote the file, or a newer jensen, or see what "
        "it holds by 'jensen info --json'",
        document.origin, error.what()));
  }
}

}  // namespace jensen::app
