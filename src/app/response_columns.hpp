#pragma once

#include <string>
#include <vector>

#include "jensen/io/dataset.hpp"

namespace jensen::app {

/// Dense records of which some columns are not features but responses or groups.
class ResponseColumns {
 public:
  ResponseColumns(const io::DatasetInfo& info, const io::LoadedData& data);

  /// Whether a column has that name.
  bool takes_feature(const std::string& name) const;
  /// The own numbers of that column, which is no feature then. Throws InputError where it was taken before.
  std::vector<double> take_feature(const std::string& name);

  /// The records with the columns that were not taken. Throws InputError where there are none.
  io::LoadedData without_taken() const;
  std::vector<std::string> names_left() const;

 private:
  const io::LoadedData& data_;
  std::string source_;
  std::vector<std::string> names_;  // D
  std::vector<bool> taken_;         // D
};

/// What labels are, "groups", and what the user calls them, for messages.
struct LabelSource {
  std::string what, name;
};

/// Labels of the own records become 0, 1 ... in the order of the distinct ones, which are returned; those of
/// records without weight count for nothing, and become 0 where no other record has them. Collective. Throws
/// InputError where one is no integer or there are too many.
std::vector<std::int64_t> number_distinct(std::vector<double>& labels, const DenseShard& records,
                                          const LabelSource& source, const Communicator& comm);

/// Labels of the own records become their places among the `known` ones, in rising order. Collective.
/// Throws InputError where one is not there; that of a record without weight becomes 0.
void number_known(std::vector<double>& labels, const std::vector<std::int64_t>& known,
                  const DenseShard& records, const LabelSource& source, const Communicator& comm);

}  // namespace jensen::app
