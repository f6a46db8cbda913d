#include "hdf5_strings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "hdf5_input_driver.hpp"

namespace jensen::io {
namespace {

using Read = std::function<herr_t(hid_t memory_type, void* into)>;

constexpr std::uint64_t kMostCompression = 1032;  // zlib makes nothing smaller by more

/// Before memory is asked for, whatever the file says of their number and length.
void require_room(std::uint64_t count, std::uint64_t bytes_each, hid_t object, const std::string& what) {
  const std::uint64_t most = file_bytes(object, what);
  if (count <= most && bytes_each <= kMostCompression * most / count) return;
  throw InputError(fmt::format("{} has {} strings of {} bytes, more than the file can hold; use another copy",
                               what, count, bytes_each));
}

std::vector<std::string> read_variable(hid_t type, hid_t space, std::size_t count, const Read& read,
                                       const std::string& what) {
  const Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(memory.get(), H5T_VARIABLE);
  H5Tset_cset(memory.get(), H5Tget_cset(type));
  std::vector<char*> pointers(count, nullptr);
  checked<InputError>(read(memory.get(), pointers.data()), fmt::format("read {}", what));
  std::vector<std::string> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (pointers[i] != nullptr) values[i] = pointers[i];
  }
  H5Dvlen_reclaim(memory.get(), space, H5P_DEFAULT, pointers.data());
  return values;
}

std::vector<std::string> read_fixed(hid_t type, std::size_t count, const Read& read,
                                    const std::string& what) {
  const std::size_t length = H5Tget_size(type);
  std::vector<char> characters(count * length);
  checked<InputError>(read(type, characters.data()), fmt::format("read {}", what));
  std::vector<std::string> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* begin = characters.data() + i * length;
    values[i].assign(begin, ::strnlen(begin, length));
    if (H5Tget_strpad(type) == H5T_STR_SPACEPAD) values[i].erase(values[i].find_last_not_of(' ') + 1);
  }
  return values;
}

std::vector<std::string> read_strings(const Handle& type, const Handle& space, hid_t object, const Read& read,
                                      const std::string& what) {
  if (H5Tget_class(type.get()) != H5T_STRING) {
    throw InputError(fmt::format("{} does not hold strings (must hold strings)", what));
  }
  const auto count = static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get()));
  if (count == 0) return {};
  require_room(count, H5Tget_size(type.get()), object, what);
  return H5Tis_variable_str(type.get()) > 0 ? read_variable(type.get(), space.get(), count, read, what)
                                            : read_fixed(type.get(), count, read, what);
}

}  // namespace

Handle text_type() {
  Handle type(checked<IoError>(H5Tcopy(H5T_C_S1), "make a text type"), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

std::vector<std::string> read_string_attribute(hid_t attribute, const std::string& what) {
  return read_strings(
      {H5Aget_type(attribute), H5Tclose}, {H5Aget_space(attribute), H5Sclose}, attribute,
      [&](hid_t memory, void* into) { return H5Aread(attribute, memory, into); }, what);
}

std::vector<std::string> read_string_dataset(hid_t dataset, const std::string& what) {
  const Handle type(H5Dget_type(dataset), H5Tclose);
  if (H5Tis_variable_str(type.get()) > 0 && !texts_are_there(dataset))
    throw InputError(fmt::format(
        "{} has strings that are not where it says; the file is damaged: use another copy", what));
  return read_strings(
      {H5Dget_type(dataset), H5Tclose}, {H5Dget_space(dataset), H5Sclose}, dataset,
      [&](hid_t memory, void* into) { return H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, into); },
      what);
}

std::vector<const char*> as_pointers(std::span<const std::string> values) {
  std::vector<const char*> pointers(values.size());
  std::transform(values.begin(), values.end(), pointers.begin(),
                 [](const auto& text) { return text.c_str(); });
  return pointers;
}

void write_string_attribute(hid_t object, const std::string& name, std::span<const std::string> values) {
  const Handle type = text_type();
  const Handle space = make_space({static_cast<Index>(values.size())});
  const std::string what = fmt::format("write the attribute '{}'", name);
  const Handle attribute(
      checked<IoError>(H5Acreate2(object, name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
                       what),
      H5Aclose);
  checked<IoError>(H5Awrite(attribute.get(), type.get(), as_pointers(values).data()), what);
}

}  // namespace jensen::io
