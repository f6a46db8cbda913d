#include "registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "jensen/core/error.hpp"
#include "jensen/models/gmm/method.hpp"
#include "jensen/models/gmm/start.hpp"
#include "jensen/models/kmeans/method.hpp"
#include "jensen/models/kmeans/start.hpp"
#include "registered.hpp"

namespace jensen::app {

std::vector<std::unique_ptr<RegisteredModel>> make_registry() {
  std::vector<std::unique_ptr<RegisteredModel>> models;
  models.push_back(registered<kmeans::Method>(kmeans::start));
  models.push_back(registered<gmm::Method>(gmm::start));
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
  const std::string& name = document.text_attribute("/", "model");
  try {
    return make_model(name);
  } catch (const UsageError& error) {
    throw InputError(
        fmt::format("'{}' cannot be used: {}; use a newer jensen", document.origin, error.what()));
  }
}

}  // namespace jensen::app
