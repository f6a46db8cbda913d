#include "hdf5_objects.hpp"

#include <fmt/format.h>

#include <set>

#include "hdf5_handle.hpp"

namespace jensen::io {
namespace {

constexpr std::size_t kLongestPath = 1 << 14;  // bytes; groups in groups of a damaged file may be many

/// False where the library failed.
bool list_members(hid_t group, std::vector<std::string>& names) {
  const auto visit = [](hid_t, const char* name, const H5L_info_t* link, void* into) -> herr_t {
    if (link->type == H5L_TYPE_HARD) static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    return 0;
  };
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, visit, &names) >= 0;
}

}  // namespace

Hdf5Objects list_objects(hid_t file) {
  Hdf5Objects objects;
  std::set<haddr_t> seen;
  std::vector<std::string> waiting{"/"};  // the next one last
  while (!waiting.empty()) {
    const std::string path = std::move(waiting.back());
    waiting.pop_back();
    if (path.size() > kLongestPath) {
      objects.fault = "a path is too long";
      continue;
    }
    const Handle object(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose);
    H5O_info_t info;
    if (!object.valid() || H5Oget_info2(object.get(), &info, H5O_INFO_BASIC) < 0) {
      objects.fault = hdf5_reason();
      continue;
    }
    if (!seen.insert(info.addr).second) continue;
    objects.found.push_back({path, info.type});
    if (info.type != H5O_TYPE_GROUP) continue;
    std::vector<std::string> members;
    if (!list_members(object.get(), members)) objects.fault = hdf5_reason();
    for (auto name = members.rbegin(); name != members.rend(); ++name)
      waiting.push_back((path == "/" ? path : path + '/') + *name);
  }
  return objects;
}

void require_all_objects(hid_t file, const std::string& name) {
  const std::string fault = list_objects(file).fault;
  if (fault.empty()) return;
  throw InputError(fmt::format(
      "a part of '{}' cannot be read (HDF5: {}); name the data set, as in {}:/data, or use another copy",
      name, fault, name));
}

}  // namespace jensen::io
