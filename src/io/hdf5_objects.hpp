#pragma once

#include <hdf5.h>

#include <string>
#include <vector>

namespace jensen::io {

/// A group, data set or named type of a file.
struct Hdf5Object {
  std::string path;  // "/a/b"
  H5O_type_t type = H5O_TYPE_UNKNOWN;
};

struct Hdf5Objects {
  std::vector<Hdf5Object> found;
  std::string fault = {};  // why some could not be listed; empty: all are
};

/// What hard links lead to from "/" on, "/" first, each group before its members and those in the order of
/// their names, every object once. A group may be its own member, on which H5Ovisit comes to no end.
Hdf5Objects list_objects(hid_t file);

/// Before one is chosen that nobody named: throws InputError unless all can be read.
void require_all_objects(hid_t file, const std::string& name);

}  // namespace jensen::io
