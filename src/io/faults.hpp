#pragma once

#include <string>
#include <vector>

#include "jensen/comm/communicator.hpp"
#include "jensen/core/types.hpp"

namespace jensen::io {

/// Records that cannot be used: how many, and the first ten, the same on any number of ranks.
class Faults {
 public:
  struct Fault {
    Index record = 0;   // global number
    Index feature = 0;  // of the record's first bad value
  };

  /// Records come in rising order; a second fault of the same record does not count.
  void add(Fault fault);

  /// Joins what all ranks found. Collective.
  void gather(const Communicator& comm);

  bool any() const { return count_ > 0; }
  const Fault& first() const { return first_.front(); }

  /// "record 4", or "12 records: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...".
  std::string records() const;

 private:
  Index count_ = 0;
  Index latest_ = -1;
  std::vector<Fault> first_;
};

/// "feature 'age'", or "feature 3" where the features have no names.
std::string feature_label(const std::vector<std::string>& names, Index feature);

}  // namespace jensen::io
