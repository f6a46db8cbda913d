#pragma once

#include <span>

#include "jensen/io/dataset.hpp"

namespace jensen::io {

/// The records of these numbers (from 0, rising, each once) as n x D doubles, reading those alone. To be
/// called on one rank. Throws InputError where a value is NaN or infinite or an integer is beyond 2^53, and
/// where the file cannot be read.
RowMatrix read_records(const DatasetInfo& info, std::span<const Index> records);

}  // namespace jensen::io
