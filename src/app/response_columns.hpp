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

/// Labels become 0, 1 ... in the order of the distinct ones, which are returned. Collective. Throws
/// InputError where one is no integer or there are too many; `what` they are and their `name` are for
/// messages.
std::vector<std::int64_t> number_distinct(std::vector<double>& labels, const std::string& what,
                                          const std::string& name, const Communicator& comm);

/// Labels become their places among the `known` ones. Collective. Throws InputError where one is not there.
void number_known(std::vector<double>& labels, const std::vector<std::int64_t>& known,
                  const std::string& what, const std::string& name, const Communicator& comm);

}  // namespace jensen::app
