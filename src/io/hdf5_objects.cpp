#include "hdf5_objects.hpp"

#include <set>

#include "hdf5_handle.hpp"

namespace jensen::io {
namespace {

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
    const Handle object(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose);
    H5O_info_t info;
    if (!object.valid() || H5Oget_info2(object.get(), &info, H5O_INFO_BASIC) < 0) {
      objects.all = false;
      continue;
    }
    if (!seen.insert(info.addr).second) continue;
    objects.found.push_back({path, info.type});
    if (info.type != H5O_TYPE_GROUP) continue;
    std::vector<std::string> members;
    objects.all &= list_members(object.get(), members);
    for (auto name = members.rbegin(); name != members.rend(); ++name)
      waiting.push_back((path == "/" ? path : path + '/') + *name);
  }
  return objects;
}

}  // namespace jensen::io
