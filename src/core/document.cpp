#include "jensen/core/document.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "jensen/core/error.hpp"

namespace jensen {

Index NdArray::size() const {
  return std::visit([](const auto& v) { return static_cast<Index>(v.size()); }, values);
}

void Document::set(const std::string& path, NdArray array) {
  arrays_[path] = std::move(array);
}

void Document::set(const std::string& path, std::span<const double> values, std::vector<Index> shape) {
  set(path, NdArray{std::move(shape), std::vector<double>(values.begin(), values.end())});
}

void Document::set(const std::string& path, const RowMatrix& matrix) {
  set(path, {matrix.data(), static_cast<std::size_t>(matrix.size())}, {matrix.rows(), matrix.cols()});
}

void Document::set(const std::string& path, const Vector& vector) {
  set(path, {vector.data(), static_cast<std::size_t>(vector.size())}, {vector.size()});
}

void Document::set_attribute(const std::string& path, const std::string& name, Scalar value) {
  attributes_[path][name] = std::move(value);
}

bool Document::has_attribute(const std::string& path, const std::string& name) const {
  const auto node = attributes_.find(path);
  return node != attributes_.end() && node->second.contains(name);
}

const NdArray& Document::array(const std::string& path) const {
  const auto found = arrays_.find(path);
  if (found == arrays_.end()) {
    throw InputError(
        fmt::format("no '{}' in {} (a model file written by 'jensen fit' has it)", path, origin));
  }
  return found->second;
}

std::span<const double> Document::numbers(const std::string& path) const {
  const auto* values = std::get_if<std::vector<double>>(&array(path).values);
  if (values == nullptr) throw InputError(fmt::format("'{}' in {} does not hold real numbers", path, origin));
  return *values;
}

Vector Document::vector(const std::string& path) const {
  const auto values = numbers(path);
  const auto& shape = array(path).shape;
  if (shape.size() != 1) {
    throw InputError(fmt::format("'{}' in {} has shape ({}) (must be one-dimensional)", path, origin,
                                 fmt::join(shape, ", ")));
  }
  return Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
}

RowMatrix Document::matrix(const std::string& path) const {
  const auto values = numbers(path);
  const auto& shape = array(path).shape;
  if (shape.size() != 2) {
    throw InputError(fmt::format("'{}' in {} has shape ({}) (must be two-dimensional)", path, origin,
                                 fmt::join(shape, ", ")));
  }
  return Eigen::Map<const RowMatrix>(values.data(), shape[0], shape[1]);
}

const Document::Scalar& Document::attribute(const std::string& path, const std::string& name) const {
  if (!has_attribute(path, name)) {
    throw InputError(fmt::format(
        "no attribute '{}' on '{}' in {} (a model file written by 'jensen fit' has it)", name, path, origin));
  }
  return attributes_.at(path).at(name);
}

double Document::number_attribute(const std::string& path, const std::string& name) const {
  const auto& value = attribute(path, name);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  throw InputError(fmt::format("attribute '{}' on '{}' in {} is not a number", name, path, origin));
}

std::int64_t Document::integer_attribute(const std::string& path, const std::string& name) const {
  if (const auto* integer = std::get_if<std::int64_t>(&attribute(path, name))) return *integer;
  throw InputError(fmt::format("attribute '{}' on '{}' in {} is not an integer", name, path, origin));
}

const std::string& Document::text_attribute(const std::string& path, const std::string& name) const {
  if (const auto* text = std::get_if<std::string>(&attribute(path, name))) return *text;
  throw InputError(fmt::format("attribute '{}' on '{}' in {} is not a text", name, path, origin));
}

std::vector<std::string> feature_names_of(const Document& document, Index features) {
  if (document.has("/data/feature_names")) {
    const auto* names = std::get_if<std::vector<std::string>>(&document.array("/data/feature_names").values);
    if (names != nullptr && static_cast<Index>(names->size()) == features) return *names;
  }
  std::vector<std::string> names;
  for (Index d = 0; d < features; ++d) names.push_back(fmt::format("x{}", d));
  return names;
}

}  // namespace jensen
