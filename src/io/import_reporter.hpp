#pragma once

#include "jensen/core/stopwatch.hpp"
#include "jensen/io/import_progress.hpp"

namespace jensen::io {

/// Reports to an observer of an import, but not more often than four times a second.
class ImportReporter {
 public:
  ImportReporter(const ImportObserver& observer, std::int64_t bytes_total)
      : observer_(observer), bytes_total_(bytes_total) {}

  /// A record was read; so many bytes of the input have been.
  void record_read(std::int64_t bytes_read, Index records) {
    if (bytes_read == bytes_seen_) return;
    bytes_seen_ = bytes_read;
    constexpr double kIntervalSeconds = 0.25;
    if (since_last_.seconds() >= kIntervalSeconds) report(bytes_read, records);
  }

  void report(std::int64_t bytes_read, Index records) {
    if (observer_) observer_({bytes_read, bytes_total_, records});
    since_last_ = Stopwatch();
  }

 private:
  const ImportObserver& observer_;
  std::int64_t bytes_total_;
  std::int64_t bytes_seen_ = 0;
  Stopwatch since_last_;
};

}  // namespace jensen::io
