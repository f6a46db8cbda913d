#include <fmt/format.h>

#include <stdexcept>

#include "hdf5_document.hpp"
#include "hdf5_strings.hpp"

namespace jensen::io {
namespace {

Handle untimed(hid_t properties_class) {
  Handle creation = make_properties(properties_class);
  H5Pset_obj_track_times(creation.get(), false);
  return creation;
}

Handle with_groups() {
  Handle links = make_properties(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links.get(), 1);
  return links;
}

bool exists(hid_t file, const std::string& path) {
  return Handle(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose).valid();
}

void write_array(hid_t file, const std::string& path, const NdArray& array) {
  Index size = 1;
  for (const Index extent : array.shape) size *= extent;
  if (size != array.size()) {
    throw std::logic_error(
        fmt::format("array '{}' has {} values for shape {}", path, array.size(), shape_text(array.shape)));
  }
  const auto write = [&](hid_t file_type, hid_t memory_type, const void* values) {
    const Handle dataset = create_array(file, path, file_type, array.shape);
    checked<IoError>(H5Dwrite(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values),
                     fmt::format("write '{}'", path));
  };
  if (const auto* numbers = std::get_if<std::vector<double>>(&array.values)) {
    write(H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers->data());
  } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&array.values)) {
    write(H5T_STD_I64LE, H5T_NATIVE_INT64, integers->data());
  } else {
    const Handle type = text_type();
    write(type.get(), type.get(), as_pointers(std::get<std::vector<std::string>>(array.values)).data());
  }
}

void write_attribute(hid_t object, const std::string& name, const Document::Scalar& value) {
  const auto write = [&](hid_t file_type, hid_t memory_type, const void* from) {
    const std::string what = fmt::format("write the attribute '{}'", name);
    const Handle space = make_space({});
    const Handle attribute(
        checked<IoError>(H5Acreate2(object, name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                         what),
        H5Aclose);
    checked<IoError>(H5Awrite(attribute.get(), memory_type, from), what);
  };
  if (const auto* number = std::get_if<double>(&value)) {
    write(H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, number);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    write(H5T_STD_I64LE, H5T_NATIVE_INT64, integer);
  } else {
    const Handle type = text_type();
    const char* text = std::get<std::string>(value).c_str();
    write(type.get(), type.get(), &text);
  }
}

void create_group(hid_t file, const std::string& path) {
  const Handle creation = untimed(H5P_GROUP_CREATE), links = with_groups();
  const Handle group(
      checked<IoError>(H5Gcreate2(file, path.c_str(), links.get(), creation.get(), H5P_DEFAULT),
                       fmt::format("make the group '{}'", path)),
      H5Gclose);
}

}  // namespace

Handle create_array(hid_t file, const std::string& path, hid_t type, const std::vector<Index>& shape) {
  const Handle creation = untimed(H5P_DATASET_CREATE), links = with_groups();
  const Handle space = make_space(shape);
  return {checked<IoError>(
              H5Dcreate2(file, path.c_str(), type, space.get(), links.get(), creation.get(), H5P_DEFAULT),
              fmt::format("make the array '{}'", path)),
          H5Dclose};
}

void write_document(hid_t file, const Document& document) {
  for (const auto& [path, array] : document.arrays()) write_array(file, path, array);
  for (const auto& [path, attributes] : document.attributes()) {
    if (!exists(file, path)) create_group(file, path);
    const Handle object(
        checked<IoError>(H5Oopen(file, path.c_str(), H5P_DEFAULT), fmt::format("open '{}'", path)), H5Oclose);
    for (const auto& [name, value] : attributes) write_attribute(object.get(), name, value);
  }
}

}  // namespace jensen::io
