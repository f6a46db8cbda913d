#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "jensen/core/exact_sum.hpp"
#include "jensen/core/types.hpp"

namespace jensen {

/// The ranks of a job, as a small value to copy. Default-constructed it is serial: rank 0 of 1, no call to
/// MPI.
///
/// Every method is collective unless it says otherwise. A failing MPI call prints rank, call and reason and
/// ends the whole job (`MPI_Abort`). Counts beyond the limit of one MPI call are split.
/// There is no sum of doubles on purpose: those go through `ExactSum`, or the bits would follow the rank
/// count.
class Communicator {
 public:
  Communicator();

  int rank() const;
  int size() const;
  bool is_root() const { return rank() == 0; }

  void barrier() const;

  /// Copies root's values to every rank.
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void broadcast(std::span<T> values, int root = 0) const {
    broadcast_bytes(std::as_writable_bytes(values), root);
  }
  void broadcast(std::string& text, int root = 0) const;

  void all_sum(std::span<std::int64_t> values) const;
  void all_sum(std::span<std::uint64_t> values) const;  // modulo 2^64
  void all_min(std::span<double> values) const;
  void all_max(std::span<double> values) const;
  void all_min(std::span<std::int64_t> values) const;
  void all_max(std::span<std::int64_t> values) const;

  std::int64_t sum(std::int64_t value) const { return all_sum({&value, 1}), value; }
  std::int64_t min(std::int64_t value) const { return all_min({&value, 1}), value; }
  std::int64_t max(std::int64_t value) const { return all_max({&value, 1}), value; }
  double min(double value) const { return all_min({&value, 1}), value; }
  double max(double value) const { return all_max({&value, 1}), value; }

  /// Merges exact sums over all ranks, in place.
  void merge(std::span<ExactSum::Element> elements) const;

  /// Where slices 0 ... size() - 1 of an array that all ranks have begin, and at last its length: size() + 1
  /// positions in rising order.
  using Slices = std::span<const std::size_t>;

  /// Which slice is this rank's. Not its rank: neighbours, who may share a node, have slices far apart, so
  /// that the longest messages go between neighbours and few bytes leave a node.
  int slice() const { return slice_of(rank()); }

  /// Merges exact sums over all ranks, each slice on its rank alone; the other elements are left in an
  /// unspecified state. Each rank sends and receives about as many bytes as the array has.
  void merge_slices(std::span<ExactSum::Element> elements, Slices begins) const;

  /// Copies each rank's slice of the values to every rank, as many bytes.
  void gather_slices(std::span<double> values, Slices begins) const { gather(values, begins); }

  /// Index of the smallest value over all ranks; ties go to the smallest index.
  struct Located {
    double value;
    Index index;
  };
  Located min_location(Located mine) const;

  /// Everybody's values, in rank order, on every rank; ranks may bring different counts.
  template <class T>
  requires std::is_trivially_copyable_v<T> std::vector<T> all_gather(std::span<const T> mine)
  const {
    const std::vector<std::byte> bytes = all_gather_bytes(std::as_bytes(mine));
    std::vector<T> values(bytes.size() / sizeof(T));
    std::copy(bytes.begin(), bytes.end(), std::as_writable_bytes(std::span<T>(values)).begin());
    return values;
  }

  /// Point to point, not collective: `send` on one rank pairs with `receive` of the same length on the other.
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void send(std::span<const T> values, int to) const { send_bytes(std::as_bytes(values), to); }
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void receive(std::span<T> values, int from) const { receive_bytes(std::as_writable_bytes(values), from); }

  /// Runs `work` on every rank; if it throws an Error anywhere, all ranks throw that of the lowest such rank,
  /// of the kind that goes with its code.
  /// Everything that can fail on one rank alone (a bad record, a missing file) goes through here.
  void agree(const std::function<void()>& work) const;

  /// Runs `work` on rank 0 alone; all ranks throw if it throws an Error.
  void on_root(const std::function<void()>& work) const;

  /// A copy that passes at most `count` elements to one MPI call; for tests of the splitting.
  Communicator with_count_limit(std::size_t count) const;

  /// Seconds that this rank has spent in calls of this communicator and its copies, waiting included.
  double seconds() const;

 private:
  friend class Environment;
  struct Group;
  explicit Communicator(std::shared_ptr<Group> group) : group_(std::move(group)) {}

  enum class Fold { sum, min, max };
  template <class T>
  void fold(std::span<T> values, Fold how) const;
  void broadcast_bytes(std::span<std::byte> bytes, int root) const;
  std::vector<std::byte> all_gather_bytes(std::span<const std::byte> mine) const;
  struct Level;
  std::vector<Level> levels_of(int rank) const;
  int slice_of(int rank) const;
  template <class T>
  void gather(std::span<T> values, Slices begins) const;
  template <class T>
  void exchange(std::span<const T> mine, int to, std::span<T> theirs, int from) const;
  void send_bytes(std::span<const std::byte> bytes, int to) const;
  void receive_bytes(std::span<std::byte> bytes, int from) const;

  std::shared_ptr<Group> group_;  // null: serial
  std::size_t count_limit_ = std::size_t{1} << 24;
};

}  // namespace jensen
