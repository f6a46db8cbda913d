#include "csr_group.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "hdf5_objects.hpp"
#include "hdf5_strings.hpp"

namespace jensen::io {
namespace {

constexpr std::array kArrays = {"indptr", "indices", "data"};

bool has_member(hid_t group, const std::string& name) {
  return H5Lexists(group, name.c_str(), H5P_DEFAULT) > 0;
}

bool is_csr_group(hid_t group) {
  return std::all_of(kArrays.begin(), kArrays.end(),
                     [&](const char* array) { return has_member(group, array); });
}

Handle open_group(hid_t file, const DatasetName& name) {
  return {checked<InputError>(H5Oopen(file, name.path.c_str(), H5P_DEFAULT), "open '" + name.text() + "'"),
          H5Oclose};
}

/// Attribute `attribute` of the group, as text; empty where there is none.
std::string text_attribute(hid_t group, const char* attribute, const std::string& name) {
  if (H5Aexists(group, attribute) <= 0) return {};
  const Handle opened(H5Aopen(group, attribute, H5P_DEFAULT), H5Aclose);
  const auto texts =
      read_string_attribute(opened.get(), fmt::format("the attribute '{}' of '{}'", attribute, name));
  return texts.empty() ? "" : texts.front();
}

std::vector<std::int64_t> shape_attribute(hid_t group, const DatasetName& name) {
  const Handle attribute(H5Aopen(group, "shape", H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  const Handle space(H5Aget_space(attribute.get()), H5Sclose);
  std::vector<std::int64_t> shape(2);
  if (H5Tget_class(type.get()) != H5T_INTEGER || H5Sget_simple_extent_npoints(space.get()) != 2) {
    throw InputError(
        fmt::format("the attribute 'shape' of '{}' does not hold two integers (must hold the numbers of "
                    "documents and words)",
                    name.text()));
  }
  checked<InputError>(H5Aread(attribute.get(), H5T_NATIVE_INT64, shape.data()),
                      "read the shape of '" + name.text() + "'");
  return shape;
}

std::vector<std::string> read_texts(hid_t group, const std::string& dataset, const DatasetName& name) {
  const std::string what = fmt::format("'{}'", array_of(name, dataset).text());
  const Handle opened(checked<InputError>(H5Dopen2(group, dataset.c_str(), H5P_DEFAULT), "read " + what),
                      H5Dclose);
  return read_string_dataset(opened.get(), what);
}

/// AnnData has the names of the columns of "/X" in the group "/var" (from version 0.7 on), in the data set
/// that its attribute `_index` names.
std::vector<std::string> read_variables(hid_t file, const DatasetName& matrix) {
  if (matrix.path != "/X" || !has_member(file, "var")) return {};
  const DatasetName name{matrix.file, "/var"};
  const Handle variables = open_group(file, name);
  if (H5Iget_type(variables.get()) != H5I_GROUP) return {};
  const std::string index = text_attribute(variables.get(), "_index", name.text());
  if (index.empty() || !has_member(variables.get(), index)) return {};
  return read_texts(variables.get(), index, name);
}

}  // namespace

std::vector<std::string> list_csr_groups(hid_t file) {
  std::vector<std::string> groups;
  for (const auto& [path, type] : list_objects(file).found) {
    if (type != H5O_TYPE_GROUP) continue;
    const Handle group(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose);
    if (group.valid() && is_csr_group(group.get())) groups.push_back(path);
  }
  return groups;
}

DatasetName find_csr_group(const std::string& text) {
  DatasetName name = DatasetName::parse(text);
  const Handle file = open_input(name.file);
  if (name.path.empty()) require_all_objects(file.get(), name.file);
  const std::vector<std::string> groups = list_csr_groups(file.get());
  if (groups.empty()) {
    throw InputError(fmt::format(
        "'{}' holds no corpus (a group with the data sets 'indptr', 'indices' and 'data', a "
        "sparse matrix of documents x words); it holds {}; 'jensen import' makes a corpus of text "
        "or counts",
        name.file, describe(list_datasets(file.get()))));
  }
  if (name.path.empty()) {
    if (groups.size() > 1) {
      throw InputError(fmt::format("'{}' holds {} sparse matrices: {}; name one, as in {}:{}", name.file,
                                   groups.size(), fmt::join(groups, ", "), name.file, groups.front()));
    }
    name.path = groups.front();
  }
  while (name.path.size() > 1 && name.path.back() == '/') name.path.pop_back();
  if (std::find(groups.begin(), groups.end(), name.path) == groups.end()) {
    throw InputError(
        fmt::format("'{}' is no corpus (a group with the data sets 'indptr', 'indices' and 'data'); in the "
                    "file {} is one",
                    name.text(), fmt::join(groups, ", ")));
  }
  return name;
}

DatasetName array_of(const DatasetName& group, const std::string& array) {
  return {group.file, (group.path == "/" ? "" : group.path) + "/" + array};
}

std::vector<std::int64_t> read_csr_shape(const DatasetName& name) {
  const Handle file = open_input(name.file);
  const Handle group = open_group(file.get(), name);
  if (has_member(group.get(), "shape")) {
    const NumericDataset dataset(array_of(name, "shape"));
    if (!dataset.integer() || dataset.shape() != std::vector<Index>{2}) {
      throw InputError(
          fmt::format("'{}' does not hold two integers (must hold the numbers of documents and "
                      "words)",
                      dataset.name()));
    }
    dataset.require_written();
    std::vector<std::int64_t> shape(2);
    dataset.read(0, 2, shape.data());
    return shape;
  }
  if (H5Aexists(group.get(), "shape") > 0) return shape_attribute(group.get(), name);
  throw InputError(fmt::format(
      "'{}' has no 'shape' (a data set or attribute of two integers, the numbers of documents and "
      "words); add it",
      name.text()));
}

void require_rows(const DatasetName& name) {
  const Handle file = open_input(name.file);
  const Handle group = open_group(file.get(), name);
  const std::string encoding = text_attribute(group.get(), "encoding-type", name.text());
  if (encoding.empty() || encoding == "csr_matrix") return;
  throw InputError(
      fmt::format("'{}' is stored as '{}' (must be 'csr_matrix', by rows, which are documents); convert it, "
                  "in scipy by tocsr()",
                  name.text(), encoding));
}

std::vector<std::string> read_vocabulary(const DatasetName& name) {
  const Handle file = open_input(name.file);
  const Handle group = open_group(file.get(), name);
  if (!has_member(group.get(), "vocabulary")) return read_variables(file.get(), name);
  return read_texts(group.get(), "vocabulary", name);
}

}  // namespace jensen::io
