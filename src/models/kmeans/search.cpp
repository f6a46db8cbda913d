#include "jensen/models/kmeans/search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "jensen/core/aligned.hpp"
#include "sums.hpp"

namespace jensen::kmeans {
namespace {

// Bounds are kept in float. What one rounding may take from a number, several times over, and the least that
// a bound is widened by where numbers are too small for that.
constexpr float kUp = 1 + 0x1p-20f, kDown = 1 - 0x1p-20f;
constexpr float kLeast = std::numeric_limits<float>::min();
constexpr float kFar = std::numeric_limits<float>::infinity();
constexpr double kGreatest = 0x1p126;

/// No less, no more than the value.
float rounded_up(double value) {
  return static_cast<float>(value) * kUp + kLeast;
}

/// Where fewer records can be spared than this, none is.
constexpr double kLeastSpared = 0.3;
constexpr Index kMostPatience = 16;
/// Products of a search below which bounds cost as much as they spare.
constexpr Index kLeastProducts = 256;
/// What the gaps between centroids may cost: products, and records that a cluster should have to make up for
/// it.
constexpr Index kMostGapProducts = Index{1} << 24;
constexpr double kRecordsPerCluster = 256;

RowMatrix rounded(const RowMatrix& exact, Arithmetic arithmetic) {
  if (arithmetic == Arithmetic::float64) return exact;
  return exact.cast<float>().cast<double>();
}

std::variant<Positions<double>, Positions<float>> packed(const RowMatrix& values, Arithmetic arithmetic) {
  if (arithmetic == Arithmetic::float64) return Positions<double>(values);
  return Positions<float>(values);
}

/// Bounds of the distances of a tile of records from their nearest and second nearest position.
template <class T>
struct TileBounds {
  static constexpr Index kWidth = kTileRows<T>;
  alignas(64) float upper[std::size_t{kWidth}], lower[std::size_t{kWidth}];
  alignas(64) double squares[std::size_t{kWidth}];  // |z|^2

  void set(const T* tile, const Positions<T>& positions, const Nearest<T>& nearest) {
    std::fill_n(squares, kWidth, 0.0);
    for (Index d = 0; d < positions.features(); ++d) {
      for (Index i = 0; i < kWidth; ++i) {
        const auto value = static_cast<double>(tile[d * kWidth + i]);
        squares[i] += value * value;
      }
    }
    // |z - c|^2 = 2 score + |z|^2, whose own rounding is bounded like that of D additions
    const double error = positions.score_error(0), slope = positions.score_error(1) - error;
    const double slack = static_cast<double>(positions.features() + 8) * 0x1p-52;
    for (Index i = 0; i < kWidth; ++i) {
      const double own = 2 * (static_cast<double>(nearest.best[i]) + error + 1.01 * slope * squares[i]) +
                         squares[i] * (1 + slack);
      const double other = 2 * (static_cast<double>(nearest.second[i]) - error - 1.01 * slope * squares[i]) +
                           squares[i] * (1 - slack);
      // what is no number tells nothing
      const float most = own <= kGreatest ? static_cast<float>(own > 0 ? own : 0) * kUp + kLeast : kFar;
      const float least = other > 0 ? static_cast<float>(other) * kDown - kLeast : 0;
      upper[i] = std::sqrt(most) * kUp;
      lower[i] = std::sqrt(least > 0 ? least : 0) * kDown;
    }
  }
};

std::span<const std::int32_t> part_of(std::span<const std::int32_t> rows, std::size_t first,
                                      std::size_t count) {
  const std::size_t begin = std::min(first, rows.size());
  return rows.subspan(begin, std::min(count, rows.size() - begin));
}

template <class T>
void keep_bounds(const DenseBlock& block, std::span<const std::int32_t> rows, const TileBounds<T>& bounds,
                 Memory& memory) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    const bool present = block.weight(rows[i]) > 0;  // if not, the record is not to be searched again
    memory.upper[row] = present ? bounds.upper[i] : 0;
    memory.lower[row] = present ? bounds.lower[i] : kFar;
    if (present) memory.largest_square = std::max(memory.largest_square, bounds.squares[i]);
  }
}

template <class T>
void keep_labels(const DenseBlock& block, std::span<const std::int32_t> rows, const T* nearest,
                 Memory& memory, Found& found) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto label = block.weight(rows[i]) > 0 ? static_cast<std::int32_t>(nearest[i]) : 0;
    std::int32_t& known = memory.labels[static_cast<std::size_t>(rows[i])];
    if (label != known) {
      found.touched[static_cast<std::size_t>(known)] = 1;
      found.touched[static_cast<std::size_t>(label)] = 1;
      known = label;
      ++found.moved;
    }
  }
}

}  // namespace

Centroids::Centroids(const RowMatrix& exact, Arithmetic arithmetic)
    : values(rounded(exact, arithmetic)), positions(packed(values, arithmetic)) {}

void Search::prepare(const RowMatrix& centroids, Arithmetic arithmetic) {
  auto next = std::make_shared<const Centroids>(centroids, arithmetic);
  if (now_ != nullptr && now_->arithmetic() == arithmetic && now_->values == next->values) return;
  before_ = std::move(now_);
  now_ = std::move(next);
  const bool same_kind = before_ != nullptr && before_->arithmetic() == arithmetic &&
                         before_->values.rows() == now_->values.rows() &&
                         before_->values.cols() == now_->values.cols();
  if (!same_kind) before_ = nullptr;
  set_drifts();
  set_gaps();
}

void Search::set_drifts() {
  const Index k = now_->count();
  drifts_.assign(static_cast<std::size_t>(k), 0);
  other_drifts_.assign(static_cast<std::size_t>(k), 0);
  if (before_ == nullptr) return;
  float largest = 0, second = 0;
  Index farthest = 0;
  for (Index c = 0; c < k; ++c) {
    const auto step = now_->values.row(c) - before_->values.row(c);
    const double square = step.squaredNorm();
    const double slack = 1 + static_cast<double>(now_->values.cols() + 8) * 0x1p-52;
    const float drift = (step.array() != 0).any() ? std::sqrt(rounded_up(square * slack)) * kUp : 0;
    drifts_[static_cast<std::size_t>(c)] = drift;
    if (drift > largest) {
      second = largest, largest = drift, farthest = c;
    } else {
      second = std::max(second, drift);
    }
  }
  std::fill(other_drifts_.begin(), other_drifts_.end(), largest);
  other_drifts_[static_cast<std::size_t>(farthest)] = second;
}

void Search::set_gaps() {
  const Index k = now_->count(), d = now_->values.cols();
  gaps_.assign(static_cast<std::size_t>(k), 0);
  const bool cheap = k * k * d <= kMostGapProducts && static_cast<double>(k) * kRecordsPerCluster <= records_;
  if (kernel_ == Kernel::plain || k < 2 || !(cheap || kernel_ == Kernel::bounded)) return;
  const Matrix features = now_->values;  // a feature's centroids contiguous
  const double slack = 1 - static_cast<double>(d + 8) * 0x1p-52;
  Eigen::ArrayXd squares(k);
  for (Index c = 0; c < k; ++c) {
    squares.setZero();
    for (Index f = 0; f < d; ++f) squares += (features.col(f).array() - features(c, f)).square();
    squares[c] = std::numeric_limits<double>::infinity();
    const float least = static_cast<float>(squares.minCoeff() * slack) * kDown - kLeast;
    gaps_[static_cast<std::size_t>(c)] = std::sqrt(least > 0 ? least : 0) * kDown;
  }
}

bool Search::worth_bounds(const DenseBlock& block) const {
  const Index k = now_->count(), d = block.features();
  const Index bytes = d * (block.stored.floats != nullptr ? Index{sizeof(float)} : Index{sizeof(double)});
  return k > 1 && k * d >= kLeastProducts && bytes >= Index{sizeof(std::int32_t) + 2 * sizeof(float)};
}

Search::Way Search::choose(const DenseBlock& block, Memory& memory) const {
  const bool remembered = kernel_ != Kernel::plain && memory.seen != nullptr &&
                          (memory.seen == now_ || memory.seen == before_) &&
                          static_cast<Index>(memory.labels.size()) == block.rows();
  if (!remembered) {
    memory = {};
    memory.labels.resize(static_cast<std::size_t>(block.rows()));
    return kernel_ == Kernel::bounded ? Way::with_bounds : Way::plain;
  }
  if (!memory.upper.empty()) return Way::by_bounds;
  if (kernel_ == Kernel::bounded) return Way::with_bounds;
  if (!worth_bounds(block) || --memory.passes_to_bounds > 0) return Way::plain;
  return Way::with_bounds;
}

/// Moves the bounds on to the present centroids; the records whose label they do not tell.
std::vector<std::int32_t> Search::survivors(const DenseBlock& block, Memory& memory) const {
  const auto rows = static_cast<std::size_t>(block.rows());
  const std::int32_t* const labels = memory.labels.data();
  float* __restrict const uppers = memory.upper.data();
  float* __restrict const lowers = memory.lower.data();
  if (memory.seen == before_) {
    const float* const drifts = drifts_.data();
    const float* const other_drifts = other_drifts_.data();
    const float* const gaps = gaps_.data();
    for (std::size_t n = 0; n < rows; ++n) {
      const float upper = (uppers[n] + drifts[labels[n]]) * kUp;
      const float drifted = lowers[n] - other_drifts[labels[n]], across = gaps[labels[n]] - upper;
      const float lower = drifted > across ? drifted : across;
      uppers[n] = upper;
      lowers[n] = lower > 0 ? lower * kDown : lower;
    }
  }
  // Scores differ by half of lower^2 - upper^2, and each is wrong by no more than the error.
  const double error =
      std::visit([&](const auto& p) { return p.score_error(memory.largest_square); }, now_->positions);
  const float needed = rounded_up(4 * error) * kUp;
  std::vector<std::int32_t> found(rows);
  std::int32_t* __restrict const list = found.data();
  std::size_t count = 0;
  for (std::size_t n = 0; n < rows; ++n) {
    const float upper = uppers[n], lower = lowers[n];
    const bool told = (lower > upper) & ((lower - upper) * (lower + upper) > needed);
    list[count] = static_cast<std::int32_t>(n);
    count += told ? 0 : 1;
  }
  found.resize(count);
  return found;
}

/// The rows that are to be searched; all of them where the bounds spare too few.
std::vector<std::int32_t> Search::rows_to_search(const DenseBlock& block, Way& way, Memory& memory) const {
  const auto rows = static_cast<std::size_t>(block.rows());
  std::vector<std::int32_t> chosen;
  if (way == Way::by_bounds) {
    chosen = survivors(block, memory);
    const bool pays = static_cast<double>(rows - chosen.size()) >= kLeastSpared * static_cast<double>(rows);
    if (kernel_ == Kernel::automatic) {
      memory.patience = pays ? 1 : std::min(2 * memory.patience, kMostPatience);
      memory.passes_to_bounds = memory.patience;
      if (!pays) way = Way::plain;
    }
    if (pays) return chosen;
  }
  chosen.resize(rows);
  std::iota(chosen.begin(), chosen.end(), 0);
  return chosen;
}

Found Search::update(const DenseBlock& block, Memory& memory) const {
  Way way = choose(block, memory);
  const std::vector<std::int32_t> rows = rows_to_search(block, way, memory);
  if (way == Way::plain) {
    memory.upper = {}, memory.lower = {};
    memory.largest_square = 0;
  } else {
    memory.upper.resize(static_cast<std::size_t>(block.rows()));
    memory.lower.resize(static_cast<std::size_t>(block.rows()));
  }
  return std::visit([&](const auto& positions) { return run(block, positions, rows, memory); },
                    now_->positions);
}

template <class T>
Found Search::run(const DenseBlock& block, const Positions<T>& positions, std::span<const std::int32_t> rows,
                  Memory& memory) const {
  constexpr auto kWidth = static_cast<std::size_t>(kTileRows<T>);
  const bool all = static_cast<Index>(rows.size()) == block.rows(), fresh = memory.seen == nullptr;
  Found found{.touched = std::vector<std::uint8_t>(static_cast<std::size_t>(now_->count()), fresh ? 1 : 0),
              .searched = static_cast<Index>(rows.size())};
  if (all) found.sums = ClusterSums(now_->count(), block.features());
  const TileReader reader(block);
  const auto tile = make_scratch<T>(static_cast<std::size_t>(block.features()) * kWidth);
  Nearest<T> nearest;
  TileBounds<T> bounds;
  CacheLineList next_lines;
  for (std::size_t first = 0; first < rows.size(); first += kWidth) {
    const auto own = part_of(rows, first, kWidth);
    reader.gather(own, tile.get());
    reader.find_lines(part_of(rows, first + kWidth, kWidth), next_lines);
    if (memory.upper.empty()) {
      positions.find(tile.get(), nearest, next_lines);
    } else {
      positions.find_two(tile.get(), nearest, next_lines);
      bounds.set(tile.get(), positions, nearest);
      keep_bounds(block, own, bounds, memory);
    }
    keep_labels(block, own, nearest.index, memory, found);
  }
  if (all) add_records(block, reader, rows, memory.labels, found.sums);
  if (fresh) found.moved = block.rows();
  memory.seen = kernel_ == Kernel::plain ? nullptr : now_;
  return found;
}

void assign(const DenseBlock& block, const Positions<double>& positions, std::span<Index> labels) {
  constexpr Index kWidth = kTileRows<double>;
  const TileReader reader(block);
  const auto tile = make_scratch(static_cast<std::size_t>(block.features() * kWidth));
  Nearest<double> nearest;
  for (Index first = 0; first < block.rows(); first += kWidth) {
    const Index count = std::min(kWidth, block.rows() - first);
    reader.read(first, count, tile.get());
    positions.find(tile.get(), nearest);
    for (Index i = 0; i < count; ++i) {
      labels[static_cast<std::size_t>(first + i)] = static_cast<Index>(nearest.index[i]);
    }
  }
}

}  // namespace jensen::kmeans
