#pragma once

#include "import_csv_head.hpp"
#include "import_csv_source.hpp"
#include "import_csv_split.hpp"

namespace jensen::io::csv {

/// Reads the records of the input as rows of numbers. Ordinary lines of plain numbers take a short way that
/// allocates and copies nothing; every other line is cut into cells, which gives the same values or says what
/// is wrong.
template <class T>
class RowReader {
 public:
  /// @pre source stands at the first record, as `read_head` leaves it
  RowReader(Source& source, Head head) : source_(source), head_(std::move(head)), line_(head_.next_line) {}

  /// Reads the next record into `row`, of head.columns.features values; false at the end of the input.
  ///
  /// @throws InputError a faulty line or cell
  bool next(T* row);

 private:
  const char* read_plain(T* row) const;
  void read_cells(T* row) const;
  void advance();

  Source& source_;
  Head head_;
  Record record_;
  Index line_;  // of the next record
};

}  // namespace jensen::io::csv
