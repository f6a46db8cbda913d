#pragma once

#include <string>
#include <vector>

#include "hdf5_handle.hpp"
#include "numeric_dataset.hpp"

namespace jensen::io {

/// Paths of all groups of a file that hold a sparse matrix: the data sets `indptr`, `indices` and `data`.
std::vector<std::string> list_csr_groups(hid_t file);

/// The name with a group: the file's only sparse matrix, where none is named. InputError lists candidates.
DatasetName find_csr_group(const std::string& name);

/// One array of a sparse matrix: "x.h5:/corpus/indptr".
DatasetName array_of(const DatasetName& group, const std::string& array);

/// Documents and words, from the data set or attribute `shape` of the group. InputError where there is none.
std::vector<std::int64_t> read_csr_shape(const DatasetName& group);

/// InputError where the group says that it holds columns instead of rows.
void require_rows(const DatasetName& group);

/// Names of the words, from the data set `vocabulary` or as AnnData has them, or none.
std::vector<std::string> read_vocabulary(const DatasetName& group);

}  // namespace jensen::io
