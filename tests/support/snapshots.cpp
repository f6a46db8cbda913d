#include "support/snapshots.hpp"

#include "support/bit_collector.hpp"

namespace test {

using namespace jensen;

namespace {

class SnapshotCollector {
 public:
  SnapshotCollector(std::vector<std::uint64_t>& bits, Clocks clocks) : collect_(bits), clocks_(clocks) {}

  void add(const Snapshot& snapshot) {
    collect_.add(snapshot.stage.name);
    collect_.add(snapshot.stage.restart);
    collect_.add(snapshot.stage.restarts);
    collect_.add(std::int64_t{snapshot.ended});
    collect_.add(std::int64_t{snapshot.objective.has_value()});
    collect_.add(snapshot.objective.value_or(0));
    collect_.add(snapshot.model);
    add(snapshot.progress);
    const History& history = snapshot.history;
    for (const RestartRecord& record : history.restarts) add(record);
    collect_.add(history.failed);
    collect_.add(history.first_failure);
    add_clock(history.stage_seconds);
    collect_.add(std::int64_t{history.best.has_value()});
    if (!history.best) return;
    add(history.best->record);
    collect_.add(history.best->model);
    add(history.best->progress);
  }

 private:
  void add_clock(double seconds) {
    if (clocks_ == Clocks::counted) collect_.add(seconds);
  }
  void add(const Progress& progress) {
    for (const Index value : {progress.t, progress.repaired_steps, progress.falls}) collect_.add(value);
    for (const bool value : {progress.last_step_repaired, progress.fell, progress.stop_requested})
      collect_.add(std::int64_t{value});
    collect_.add(progress.weight);
    collect_.add(progress.magnitude);
    collect_.add(progress.objectives);
    collect_.add(progress.changes);
    collect_.add(static_cast<std::int64_t>(progress.elapsed_seconds.size()));
    for (const double seconds : progress.elapsed_seconds) add_clock(seconds);
    for (const Repair& repair : progress.repairs) {
      collect_.add(repair.component);
      collect_.add(repair.what);
      collect_.add(repair.iteration);
    }
  }
  void add(const RestartRecord& record) {
    collect_.add(record.restart);
    collect_.add(static_cast<std::int64_t>(record.seed));
    collect_.add(record.objective);
    collect_.add(record.iterations);
    collect_.add(std::int64_t{static_cast<int>(record.stopped)});
    collect_.add(std::int64_t{record.singular});
    add_clock(record.elapsed_seconds);
  }

  BitCollector collect_;
  Clocks clocks_;
};

}  // namespace

std::vector<std::uint64_t> bits_of(const Snapshot& snapshot, Clocks clocks) {
  std::vector<std::uint64_t> bits;
  SnapshotCollector(bits, clocks).add(snapshot);
  return bits;
}

}  // namespace test
