#include <fmt/format.h>

#include "hdf5_document.hpp"
#include "hdf5_objects.hpp"
#include "hdf5_strings.hpp"
#include "jensen/io/model_file.hpp"

namespace jensen::io {
namespace {

template <class T, class Read>
std::vector<T> read_numbers(hid_t space, hid_t memory_type, const std::string& what, Read read) {
  std::vector<T> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  if (!values.empty()) {
    checked<UnreadableError>(read(memory_type, values.data()), "read " + what);
  }
  return values;
}

InputError unknown_type(const std::string& what) {
  return InputError(
      fmt::format("{} is of a type that model files do not have (must be real numbers, integers "
                  "or strings)",
                  what));
}

NdArray read_array(hid_t dataset, const std::string& what) {
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Handle space(H5Dget_space(dataset), H5Sclose);
  const auto read = [&](hid_t memory_type, void* into) {
    return H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, into);
  };
  // Whatever the file says of its sizes: no value takes less than a byte of it, and outside chunks every one
  // takes its own.
  const auto values = static_cast<std::uint64_t>(H5Sget_simple_extent_npoints(space.get()));
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  if (values > file_bytes(dataset, what) ||
      (H5Pget_layout(creation.get()) != H5D_CHUNKED &&
       H5Dget_storage_size(dataset) < values * H5Tget_size(type.get()))) {
    throw InputError(fmt::format("{} has shape {}, more than the file can hold; use another copy", what,
                                 shape_text(shape_of(space.get()))));
  }
  if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) {
    throw InputError(fmt::format("{} holds no values (a null data space)", what));
  }
  NdArray array{.shape = shape_of(space.get())};
  switch (H5Tget_class(type.get())) {
    case H5T_FLOAT:
      array.values = read_numbers<double>(space.get(), H5T_NATIVE_DOUBLE, what, read);
      break;
    case H5T_INTEGER:
      array.values = read_numbers<std::int64_t>(space.get(), H5T_NATIVE_INT64, what, read);
      break;
    case H5T_STRING:
      array.values = read_string_dataset(dataset, what);
      break;
    default:
      throw unknown_type(what);
  }
  return array;
}

Document::Scalar read_attribute(hid_t attribute, const std::string& what) {
  const Handle type(H5Aget_type(attribute), H5Tclose);
  const Handle space(H5Aget_space(attribute), H5Sclose);
  const auto read = [&](hid_t memory_type, void* into) { return H5Aread(attribute, memory_type, into); };
  if (H5Sget_simple_extent_npoints(space.get()) != 1) {
    throw InputError(fmt::format("{} does not hold one value (must be a scalar)", what));
  }
  switch (H5Tget_class(type.get())) {
    case H5T_FLOAT:
      return read_numbers<double>(space.get(), H5T_NATIVE_DOUBLE, what, read).front();
    case H5T_INTEGER:
      return read_numbers<std::int64_t>(space.get(), H5T_NATIVE_INT64, what, read).front();
    case H5T_STRING:
      return read_string_attribute(attribute, what).front();
    default:
      throw unknown_type(what);
  }
}

std::vector<std::string> attribute_names(hid_t object) {
  std::vector<std::string> names;
  const auto visit = [](hid_t, const char* name, const H5A_info_t*, void* into) -> herr_t {
    static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    return 0;
  };
  hsize_t position = 0;
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, visit, &names);
  return names;
}

}  // namespace

// The bytes are those that were written: where the library fails on them, it is for want of memory.
Document read_document(hid_t file, const std::string& origin) {
  Document document;
  document.origin = origin;
  const Hdf5Objects objects = list_objects(file);
  if (!objects.fault.empty())
    throw UnreadableError(fmt::format("cannot list the content of {} (HDF5: {})", origin, objects.fault));
  for (const auto& [path, type] : objects.found) {
    const std::string what = fmt::format("'{}' in {}", path, origin);
    const Handle object(checked<UnreadableError>(H5Oopen(file, path.c_str(), H5P_DEFAULT), "open " + what),
                        H5Oclose);
    if (type == H5O_TYPE_DATASET) document.set(path, read_array(object.get(), what));
    for (const std::string& name : attribute_names(object.get())) {
      const std::string described = fmt::format("attribute '{}' of {}", name, what);
      const Handle attribute(
          checked<UnreadableError>(H5Aopen(object.get(), name.c_str(), H5P_DEFAULT), "open " + described),
          H5Aclose);
      document.set_attribute(path, name, read_attribute(attribute.get(), described));
    }
  }
  return document;
}

}  // namespace jensen::io
