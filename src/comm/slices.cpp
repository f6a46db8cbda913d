#include <algorithm>
#include <numeric>
#include <vector>

#include "group.hpp"
#include "jensen/comm/communicator.hpp"

namespace jensen {

/// A group of ranks with a slice each falls into halves with half of the slices each: those at even positions
/// of the group take the lower slices. At every position stands a partner of the other half, but for the last
/// of an odd number, whose data go to the last odd position. All of this is about one rank.
struct Communicator::Level {
  static constexpr int kNone = -1;

  int partner = kNone;                 // to give data to and take data from
  int lone_from = kNone;               // has no partner, and gives to this rank alone
  int lone_to = kNone;                 // this rank has no partner: it gives to that one alone
  int own_begin = 0, own_end = 0;      // slices of this rank's half
  int other_begin = 0, other_end = 0;  // slices of the other half
};

/// From all ranks, whose halves are neighbours', to this rank alone.
std::vector<Communicator::Level> Communicator::levels_of(int rank) const {
  std::vector<Level> levels;
  int first = 0, stride = 1, count = size(), position = rank, slice = 0;
  while (count > 1) {
    const int evens = (count + 1) / 2;
    const auto rank_at = [&](int at) { return first + at * stride; };
    const bool even = position % 2 == 0;
    Level level;
    if (even && position + 1 < count) level.partner = rank_at(position + 1);
    if (even && position + 1 == count) level.lone_to = rank_at(position - 1);
    if (!even) level.partner = rank_at(position - 1);
    if (!even && position + 2 == count) level.lone_from = rank_at(position + 1);
    const int middle = slice + evens, end = slice + count;
    level.own_begin = even ? slice : middle, level.own_end = even ? middle : end;
    level.other_begin = even ? middle : slice, level.other_end = even ? end : middle;
    levels.push_back(level);
    if (!even) first += stride;
    slice = level.own_begin;
    count = level.own_end - level.own_begin;
    position /= 2;
    stride *= 2;
  }
  return levels;
}

int Communicator::slice_of(int rank) const {
  const std::vector<Level> all = levels_of(rank);
  return all.empty() ? 0 : all.back().own_begin;
}

/// Sends `mine` and receives `theirs`; either may be empty. Both ranks split alike.
template <class T>
void Communicator::exchange(std::span<const T> mine, int to, std::span<T> theirs, int from) const {
  const MPI_Datatype type = std::is_same_v<T, double>      ? MPI_DOUBLE
                            : std::is_same_v<T, std::byte> ? MPI_BYTE
                                                           : group_->element_type;
  const std::size_t most = std::max(mine.size(), theirs.size());
  for (std::size_t begin = 0; begin < most; begin += count_limit_) {
    const auto count_of = [&](std::size_t size) {
      return std::min(size - std::min(size, begin), count_limit_);
    };
    const std::size_t sent = count_of(mine.size()), received = count_of(theirs.size());
    check_mpi(MPI_Sendrecv(mine.data() + begin, mpi_count(sent), type, sent > 0 ? to : MPI_PROC_NULL, 0,
                           theirs.data() + begin, mpi_count(received), type,
                           received > 0 ? from : MPI_PROC_NULL, 0, group_->comm, MPI_STATUS_IGNORE),
              "MPI_Sendrecv");
  }
}

void Communicator::merge_slices(std::span<ExactSum::Element> elements, Slices begins) const {
  if (size() == 1) return;
  const Meter meter(group_->seconds);
  const auto slices = [&](int begin, int end) {
    const std::size_t first = begins[static_cast<std::size_t>(begin)];
    return elements.subspan(first, begins[static_cast<std::size_t>(end)] - first);
  };
  std::vector<ExactSum::Element> received;
  for (const Level& level : levels_of(rank())) {
    const auto own = slices(level.own_begin, level.own_end);
    const std::span<const ExactSum::Element> other = slices(level.other_begin, level.other_end), nothing;
    if (level.lone_to != Level::kNone) exchange(other, level.lone_to, {}, level.lone_to);
    received.resize(own.size());
    for (const int from : {level.partner, level.lone_from}) {
      if (from == Level::kNone) continue;
      exchange(from == level.partner ? other : nothing, from, std::span(received), from);
      ExactSum::merge_elements(received, own);
    }
  }
}

template <class T>
void Communicator::gather(std::span<T> values, Slices begins) const {
  if (size() == 1) return;
  const Meter meter(group_->seconds);
  const auto slices = [&](int begin, int end) {
    const std::size_t first = begins[static_cast<std::size_t>(begin)];
    return values.subspan(first, begins[static_cast<std::size_t>(end)] - first);
  };
  std::vector<Level> upwards = levels_of(rank());
  std::reverse(upwards.begin(), upwards.end());
  for (const Level& level : upwards) {
    const std::span<const T> own = slices(level.own_begin, level.own_end), nothing;
    const auto other = slices(level.other_begin, level.other_end);
    if (level.partner != Level::kNone) exchange(own, level.partner, other, level.partner);
    if (level.lone_from != Level::kNone) exchange(own, level.lone_from, {}, level.lone_from);
    if (level.lone_to != Level::kNone) exchange(nothing, level.lone_to, other, level.lone_to);
  }
}

template void Communicator::gather(std::span<double> values, Slices begins) const;

std::vector<std::byte> Communicator::all_gather_bytes(std::span<const std::byte> mine) const {
  if (size() == 1) return {mine.begin(), mine.end()};
  const auto ranks = static_cast<std::size_t>(size());
  std::vector<std::int64_t> lengths(ranks, 0);
  lengths[static_cast<std::size_t>(slice())] = static_cast<std::int64_t>(mine.size());
  all_sum(lengths);
  std::vector<std::size_t> begins(ranks + 1, 0);
  std::inclusive_scan(lengths.begin(), lengths.end(), begins.begin() + 1);
  std::vector<std::byte> by_slice(begins.back()), by_rank;
  std::copy(mine.begin(), mine.end(),
            by_slice.begin() + static_cast<std::ptrdiff_t>(begins[static_cast<std::size_t>(slice())]));
  gather(std::span(by_slice), begins);
  by_rank.reserve(by_slice.size());
  for (int rank = 0; rank < size(); ++rank) {
    const auto of_rank = static_cast<std::size_t>(slice_of(rank));
    const auto piece = std::span(by_slice).subspan(begins[of_rank], begins[of_rank + 1] - begins[of_rank]);
    by_rank.insert(by_rank.end(), piece.begin(), piece.end());
  }
  return by_rank;
}

}  // namespace jensen
