#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "io/hdf5_handle.hpp"
#include "io/hdf5_strings.hpp"
#include "jensen/core/error.hpp"
#include "support/temp_dir.hpp"

namespace test {

using jensen::Index;
using jensen::io::Handle;

inline std::size_t entries(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory), {}));
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

/// How a data set of a test is laid out.
struct Layout {
  std::vector<Index> shape = {};
  hid_t type = -1;  // in the file; negative: that of the values
  std::vector<hsize_t> chunk = {};
  unsigned deflate = 0;
  std::vector<std::string> feature_names = {};
};

template <class T>
hid_t native_type() {
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
  if constexpr (std::is_same_v<T, std::uint64_t>) return H5T_NATIVE_UINT64;
}

/// Adds a data set to an open file; without values it is created only.
inline Handle create_dataset(hid_t file, const std::string& name, const Layout& layout) {
  const Handle space = jensen::io::make_space(layout.shape);
  const Handle creation = jensen::io::make_properties(H5P_DATASET_CREATE);
  if (!layout.chunk.empty()) {
    H5Pset_chunk(creation.get(), static_cast<int>(layout.chunk.size()), layout.chunk.data());
  }
  if (layout.deflate > 0) H5Pset_deflate(creation.get(), layout.deflate);
  const Handle links = jensen::io::make_properties(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links.get(), 1);
  Handle dataset(
      H5Dcreate2(file, name.c_str(), layout.type, space.get(), links.get(), creation.get(), H5P_DEFAULT),
      H5Dclose);
  if (!layout.feature_names.empty()) {
    jensen::io::write_string_attribute(dataset.get(), "feature_names", layout.feature_names);
  }
  return dataset;
}

template <class T>
void add_dataset(hid_t file, const std::string& name, Layout layout, const std::vector<T>& values) {
  if (layout.type < 0) layout.type = native_type<T>();
  const Handle dataset = create_dataset(file, name, layout);
  H5Dwrite(dataset.get(), native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
}

/// The sentence of the Error that `work` throws; "" if none. Its code goes to `code`.
inline std::string sentence_of(const std::function<void()>& work, jensen::ExitCode* code = nullptr) {
  try {
    work();
  } catch (const jensen::Error& error) {
    if (code != nullptr) *code = error.code();
    return error.what();
  }
  return "";
}

}  // namespace test
