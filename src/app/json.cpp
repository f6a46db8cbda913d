#include "json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "print.hpp"

namespace jensen::app {
namespace {

/// The array as nested lists of its shape.
template <class T>
Json nested(const std::vector<T>& values, const std::vector<Index>& shape, std::size_t level,
            std::size_t& position) {
  if (level == shape.size()) return values[position++];
  Json list = Json::array();
  for (Index i = 0; i < shape[level]; ++i) list.push_back(nested(values, shape, level + 1, position));
  return list;
}

}  // namespace

void print_json(const Json& object) {
  print_out("{}\n", object.dump(2, ' ', false, Json::error_handler_t::replace));
}

Json attributes_json(const Document& document, const std::string& path) {
  Json json = Json::object();
  const auto found = document.attributes().find(path);
  if (found == document.attributes().end()) return json;
  for (const auto& [name, scalar] : found->second)
    std::visit([&, &key = name](const auto& value) { json[key] = value; }, scalar);
  return json;
}

Json to_json(const Document& document) {
  Json json;
  for (const auto& [path, attributes] : document.attributes()) {
    Json& node = path == "/" ? json : json[path.substr(1)];
    for (const auto& [name, value] : attributes)
      std::visit([&, &key = name](const auto& v) { node[key] = v; }, value);
  }
  for (const auto& [path, array] : document.arrays()) {
    if (path.starts_with("/state/")) continue;
    std::size_t position = 0;
    std::visit([&, &name = path, &shape = array.shape](
                   const auto& values) { json[name.substr(1)] = nested(values, shape, 0, position); },
               array.values);
  }
  return json;
}

}  // namespace jensen::app
