#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "jensen/core/types.hpp"

namespace jensen {

/// A dense array of doubles, integers or strings in row-major order.
struct NdArray {
  using Values = std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>>;

  std::vector<Index> shape = {};  // empty: a scalar
  Values values = std::vector<double>{};

  Index size() const;
};

/// What a model file holds, free of any file format: named arrays and attributes in a tree of groups.
/// Paths look like "/parameters/means"; an attribute belongs to a group or array, "/" being the file itself.
class Document {
 public:
  using Scalar = std::variant<double, std::int64_t, std::string>;

  void set(const std::string& path, NdArray array);
  void set(const std::string& path, std::span<const double> values, std::vector<Index> shape);
  void set(const std::string& path, const RowMatrix& matrix);
  void set(const std::string& path, const Vector& vector);
  void set_attribute(const std::string& path, const std::string& name, Scalar value);

  bool has(const std::string& path) const { return arrays_.contains(path); }
  bool has_attribute(const std::string& path, const std::string& name) const;

  /// Readers throw InputError naming the path where it is absent, of another type or of another shape.
  const NdArray& array(const std::string& path) const;
  std::span<const double> numbers(const std::string& path) const;
  Vector vector(const std::string& path) const;
  RowMatrix matrix(const std::string& path) const;
  double number_attribute(const std::string& path, const std::string& name) const;
  std::int64_t integer_attribute(const std::string& path, const std::string& name) const;
  const std::string& text_attribute(const std::string& path, const std::string& name) const;

  using Attributes = std::map<std::string, Scalar>;
  const std::map<std::string, NdArray>& arrays() const { return arrays_; }
  const std::map<std::string, Attributes>& attributes() const { return attributes_; }

  /// Where the document came from, for error sentences.
  std::string origin = "the model file";

 private:
  const Scalar& attribute(const std::string& path, const std::string& name) const;

  std::map<std::string, NdArray> arrays_;
  std::map<std::string, Attributes> attributes_;
};

/// Names of the D features: those under "/data/feature_names", or x0, x1 ...
std::vector<std::string> feature_names_of(const Document& document, Index features);

}  // namespace jensen
