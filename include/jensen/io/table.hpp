#pragma once

#include <string>
#include <vector>

namespace jensen::io {

/// The numbers of the data set "FILE:/dataset" of one dimension, a model file's too; a single row or column
/// will do. To be called on one rank. Throws InputError where there is no such data set.
std::vector<double> read_table(const std::string& name);

}  // namespace jensen::io
