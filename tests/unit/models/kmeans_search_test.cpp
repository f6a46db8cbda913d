#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/fit/fit.hpp"
#include "jensen/models/kmeans/kmeans.hpp"
#include "support/mixtures.hpp"
#include "support/passes.hpp"
#include "support/samples.hpp"

using namespace jensen;
using kmeans::Arithmetic;
using kmeans::Kernel;
using kmeans::KMeans;

namespace {

const Communicator kSerial;

/// The label by the formulation that the search promises: scores one by one, ties to the lowest.
template <class T>
Index plain_label(const RowVector& record, const RowMatrix& centroids) {
  T best = std::numeric_limits<T>::infinity();
  Index label = 0;
  for (Index k = 0; k < centroids.rows(); ++k) {
    double square = 0;
    for (Index d = 0; d < centroids.cols(); ++d) {
      const auto c = static_cast<double>(static_cast<T>(centroids(k, d)));
      square = std::fma(c, c, square);
    }
    T score = static_cast<T>(0.5 * square);
    for (Index d = 0; d < centroids.cols(); ++d) {
      score = std::fma(-static_cast<T>(centroids(k, d)), static_cast<T>(record[d]), score);
    }
    if (score < best) best = score, label = k;
  }
  return label;
}

/// Labels of all records by `kernel` after each of some passes with a memory of its own for each block.
template <class Check>
void follow(const std::vector<RowMatrix>& centroids, const DenseShard& shard, Kernel kernel,
            Arithmetic arithmetic, Check check) {
  kmeans::Search search(kernel, 1e9);
  std::vector<kmeans::Memory> memories(static_cast<std::size_t>(shard.block_count()));
  DenseShard::Buffer buffer;
  for (std::size_t t = 0; t < centroids.size(); ++t) {
    search.prepare(centroids[t], arithmetic);
    for (Index i = 0; i < shard.block_count(); ++i) {
      const DenseBlock block = shard.stored().block(i, buffer);
      kmeans::Memory& memory = memories[static_cast<std::size_t>(i)];
      search.update(block, memory);
      check(t, block, memory);
    }
  }
}

/// A sequence of centroids that begin at the first records and move ever less.
std::vector<RowMatrix> wandering(const RowMatrix& rows, Index clusters, Index passes) {
  std::vector<RowMatrix> all = {rows.topRows(clusters)};
  for (Index t = 1; t < passes; ++t) {
    const RowMatrix step = test::normal_records(clusters, rows.cols(), 100 + static_cast<std::uint64_t>(t));
    all.push_back(all.back() + std::ldexp(1.0, static_cast<int>(-2 * t)) * step);
  }
  return all;
}

struct Shape {
  Index records, features, clusters, block_rows;
};

/// Data sets that are hard on bounds: what they are, and K.
struct Hard {
  const char* name;
  RowMatrix rows;
  Index clusters;
  std::vector<double> weights = {};
};

RowMatrix blobs(Index records, Index features, Index groups, double separation, std::uint64_t seed) {
  const RowMatrix centres = separation * test::normal_records(groups, features, seed);
  RowMatrix rows = test::normal_records(records, features, seed + 1);
  for (Index n = 0; n < records; ++n) rows.row(n) += centres.row((n * 7919) % groups);
  return rows;
}

std::vector<Hard> hard_data() {
  std::vector<Hard> all;
  all.push_back({"clustered", blobs(3000, 8, 12, 6, 1), 12});
  all.push_back({"overlapping", blobs(3000, 8, 12, 1, 2), 12});
  all.push_back({"structureless", test::normal_records(2000, 5, 3), 20});
  all.push_back({"one cluster", test::normal_records(700, 4, 4), 1});
  all.push_back({"two clusters", blobs(900, 4, 2, 3, 5), 2});
  all.push_back({"many clusters", blobs(4000, 6, 200, 4, 6), 320});
  all.push_back({"one feature", blobs(3000, 1, 9, 5, 7), 17});
  all.push_back({"two features", blobs(3000, 2, 30, 5, 8), 40});
  RowMatrix doubled = blobs(1500, 3, 6, 3, 9);
  doubled.bottomRows(700) = doubled.topRows(700);
  all.push_back({"duplicates", doubled, 9});
  // records halfway between centroids, over and over
  RowMatrix lattice(1728, 3);
  for (Index n = 0; n < lattice.rows(); ++n) {
    lattice.row(n) << static_cast<double>(n % 12), static_cast<double>(n / 12 % 12),
        static_cast<double>(n / 144);
  }
  all.push_back({"ties", lattice, 27});
  all.push_back({"far offset", (blobs(2000, 4, 8, 4, 10).array() + 1e7).matrix(), 8});
  RowMatrix spread = blobs(2000, 4, 8, 4, 11);
  spread.row(17).setConstant(1e9);
  all.push_back({"an outlier", spread, 8});
  Hard weighted{"weights with zeros", blobs(2000, 5, 10, 2, 12), 10};
  for (Index n = 0; n < 2000; ++n)
    weighted.weights.push_back(n % 7 == 3 ? 0 : 0.5 + static_cast<double>(n % 4));
  weighted.rows.row(3).setConstant(1e200);
  all.push_back(weighted);
  all.push_back({"wide", blobs(600, 70, 9, 1, 13), 9});
  return all;
}

/// Two passes over copies of a record that is nearest to centroid 0, then to centroid 1 by its scores.
template <class T>
void check_label_follows(const RowVector& record, const RowMatrix& first, const RowMatrix& second) {
  constexpr Index kCopies = 40;
  const Arithmetic arithmetic = std::is_same_v<T, float> ? Arithmetic::float32 : Arithmetic::float64;
  const RowMatrix rows = record.replicate(kCopies, 1);
  DenseShard shard({kCopies, kCopies}, rows.cols(), DenseShard::Storage::float64, false);
  shard.fill(0, kCopies, rows.data());
  CHECK(plain_label<T>(record, first) == 0);
  CHECK(plain_label<T>(record, second) == 1);
  for (const Kernel kernel : {Kernel::plain, Kernel::bounded}) {
    follow({first, second}, shard, kernel, arithmetic,
           [&](std::size_t t, const DenseBlock&, const kmeans::Memory& memory) {
             CHECK(memory.labels == std::vector<std::int32_t>(kCopies, static_cast<std::int32_t>(t)));
           });
  }
}

/// State, objective and change of every iteration.
class Trace : public Observer {
 public:
  void on_iteration(const Report& report) override {
    states.push_back(report.state());
    objectives.push_back(report.now.objective());
  }
  std::vector<State> states;
  std::vector<double> objectives;
};

Trace trace_of(const DenseShard& shard, const FeatureSummary& summary, const kmeans::Settings& settings,
               const RowMatrix& start, Index iterations) {
  KMeans model(start.rows(), summary, shard.transform(), 3, settings);
  model.set_centroids(start);
  Trace trace;
  fit(model, shard, kSerial,
      {.stopping = {.max_iterations = iterations, .stop_when_unchanged = true}, .observers = {&trace}});
  return trace;
}

}  // namespace

TEST_CASE("Every kernel finds the labels of the plain formulation, whatever the shape", "[kernels]") {
  const Shape shape = GENERATE(Shape{700, 1, 5, 64}, Shape{700, 3, 1, 129}, Shape{5100, 2, 5000, 640},
                               Shape{70, 2000, 3, 40}, Shape{5, 4, 3, 8}, Shape{1, 3, 1, 8},
                               Shape{333, 7, 13, 61}, Shape{64, 33, 31, 64}, Shape{65, 8, 6, 33});
  const Kernel kernel = GENERATE(Kernel::automatic, Kernel::plain, Kernel::bounded);
  const Arithmetic arithmetic = GENERATE(Arithmetic::float64, Arithmetic::float32);
  const auto storage = GENERATE(DenseShard::Storage::float64, DenseShard::Storage::float32);
  INFO(shape.records << " x " << shape.features << ", K = " << shape.clusters);
  const RowMatrix rows = 2 * test::normal_records(shape.records, shape.features, 51);
  DenseShard data({shape.records, shape.block_rows}, shape.features, storage, false);
  data.fill(0, shape.records, rows.data());
  const Transform transform{Vector::Constant(shape.features, 0.1), Vector::Constant(shape.features, 0.5)};
  const DenseShard shard = data.with_transform(transform);
  const auto centroids = wandering(transform.to_internal(rows), shape.clusters, 5);
  Index checked = 0;
  follow(centroids, shard, kernel, arithmetic,
         [&](std::size_t t, const DenseBlock& block, const kmeans::Memory& memory) {
           const Index step = shape.clusters > 1000 ? 97 : 1;  // the plain formulation is slow
           for (Index row = 0; row < block.rows(); row += step) {
             const RowVector record = transform.to_internal(data.original_record(block.first_record + row));
             const Index expected = arithmetic == Arithmetic::float64
                                        ? plain_label<double>(record, centroids[t])
                                        : plain_label<float>(record, centroids[t]);
             if (memory.labels[static_cast<std::size_t>(row)] != expected)
               FAIL_CHECK("record " << row << ", pass " << t);
             ++checked;
           }
         });
  CHECK(checked > 0);
}

TEST_CASE("By bounds and without, every iteration of a fit has the same bits", "[kernels]") {
  const auto arithmetic = GENERATE(Arithmetic::float64, Arithmetic::float32);
  for (const Hard& hard : hard_data()) {
    INFO(hard.name);
    const Index block_rows = hard.rows.rows() > 1000 ? 512 : 0;
    const DenseShard data = [&] {
      DenseShard shard({hard.rows.rows(), block_rows > 0 ? block_rows : default_block_rows(hard.rows.rows())},
                       hard.rows.cols(), DenseShard::Storage::float64, !hard.weights.empty());
      shard.fill(0, hard.rows.rows(), hard.rows.data());
      if (!hard.weights.empty()) shard.fill_weights(0, hard.weights);
      return shard;
    }();
    // a far offset is left in, so that rounding decides many labels
    const bool far = std::string(hard.name) == "far offset";
    const RowVector centre = far ? RowVector(RowVector::Zero(hard.rows.cols())) : RowVector(hard.rows.row(0));
    const DenseShard shard =
        data.with_transform({centre.transpose(), Vector::Constant(hard.rows.cols(), 0.5)});
    const FeatureSummary summary = [&] {
      FeatureSummary made = unit_summary(hard.rows.cols());
      made.total_weight = 1e9;
      return made;
    }();
    RowMatrix start = shard.transform().to_internal(hard.rows.middleRows(4, hard.clusters));
    if (hard.clusters > 8) start.row(2).setConstant(1e4);  // empty: to be revived
    const Trace plain = trace_of(shard, summary, {arithmetic, Kernel::plain}, start, 40);
    CHECK(plain.states.size() > 1);
    for (const Kernel kernel : {Kernel::bounded, Kernel::automatic}) {
      const Trace other = trace_of(shard, summary, {arithmetic, kernel}, start, 40);
      CHECK(other.objectives == plain.objectives);
      CHECK(other.states == plain.states);
    }
  }
}

TEST_CASE("Bounds allow for what rounding takes from a distance", "[kernels]") {
  // |z|^2 = (2^27 + 1)^2 loses the 1: what is computed as the distance from centroid 0 is not 1 but 0
  const double far = 0x1p27;
  const auto column = [&](double a, double b) { return (RowMatrix(2, 1) << far + a, far + b).finished(); };
  const RowVector record = RowVector::Constant(1, far + 1);
  check_label_follows<double>(record, column(0, 4096), column(-1024, 1025 + 0.5));  // at 1025 and 1024.5
}

TEST_CASE("Bounds allow for scores that tell centroids apart wrongly", "[kernels]") {
  // Each z_d c_d is less than half a unit in the last place of |c|^2/2 = 512 in float: all are lost, and the
  // centroid that is nearer to the origin, by next to nothing, has the lower score
  const Index features = 1024;
  const auto diagonal = [&](double a, double b) {
    return (RowMatrix(2, features) << RowVector::Constant(features, a), RowVector::Constant(features, b))
        .finished();
  };
  const RowVector record = RowVector::Constant(features, -0.9 * 0x1p-16);
  check_label_follows<float>(record, diagonal(-0x1p-10, 0x1p-9), diagonal(-1, 1 - 0x1p-22));
}

TEST_CASE("Bounds spare most records of clusters that are apart", "[kernels]") {
  const RowMatrix rows = blobs(4096, 8, 10, 8, 14);
  const test::Problem problem(rows, kSerial, {}, 1024);
  const DenseShard shard = problem.in(Scaling::common);
  kmeans::Search search(Kernel::bounded, 4096);
  kmeans::Memory memory;
  DenseShard::Buffer buffer;
  const DenseBlock block = shard.stored().block(0, buffer);
  RowMatrix centroids = shard.transform().to_internal(rows.topRows(10));
  search.prepare(centroids, Arithmetic::float64);
  CHECK(search.update(block, memory).moved == 1024);
  centroids.array() += 1e-3;
  search.prepare(centroids, Arithmetic::float64);
  const kmeans::Found found = search.update(block, memory);
  CHECK(found.searched < 300);
  CHECK(found.moved <= found.searched);
}

TEST_CASE("A memory of other centroids, of another model or of none gives the same bits", "[kernels]") {
  const RowMatrix rows = blobs(600, 4, 6, 3, 15);
  const test::Problem problem(rows, kSerial, {}, 600);
  const DenseShard shard = problem.in(Scaling::common);
  DenseShard::Buffer buffer;
  const DenseBlock block = shard.stored().block(0, buffer);
  const RowMatrix start = shard.transform().to_internal(rows.topRows(6));
  const auto model = [&](double shift) {
    KMeans made(6, problem.summary, shard.transform(), 1, {.kernel = Kernel::bounded});
    made.set_centroids((start.array() + shift).matrix());
    made.prepare(0);
    return made;
  };
  KMeans first = model(0), second = model(2);
  kmeans::Memory memory;
  const auto sums_of = [&](const KMeans& of, kmeans::Memory& with) {
    kmeans::Sums sums = of.make_sums();
    of.local_step(block, with, sums);
    return std::vector<double>(sums.flat().begin(), sums.flat().end());
  };
  const auto expected = [&](const KMeans& of) {
    kmeans::Memory empty;
    return sums_of(of, empty);
  };
  CHECK(sums_of(first, memory) == expected(first));
  CHECK(sums_of(second, memory) == expected(second));
  CHECK(sums_of(first, memory) == expected(first));
  KMeans copy = first;
  first.set_centroids((start.array() + 0.25).matrix());
  first.prepare(1);
  copy.set_centroids((start.array() - 0.5).matrix());
  copy.prepare(1);
  CHECK(sums_of(first, memory) == expected(first));
  CHECK(sums_of(copy, memory) == expected(copy));
}

TEST_CASE("A fit of float32 ends at a fixed point of float64", "[kernels]") {
  const auto kernel = GENERATE(Kernel::plain, Kernel::automatic);
  for (const double separation : {0.5, 4.0}) {
    const RowMatrix rows = blobs(3000, 6, 8, separation, 16);
    const test::Problem problem(rows, kSerial, {}, 512);
    const DenseShard shard = problem.in(Scaling::common);
    KMeans single(8, problem.summary, shard.transform(), 1, {Arithmetic::float32, kernel});
    single.set_centroids(shard.transform().to_internal(rows.topRows(8)));
    CHECK_FALSE(single.monotone());
    const FitResult result =
        fit(single, shard, kSerial, {.stopping = {.relative_gain = 0.5, .stop_when_unchanged = true}});
    CHECK(single.monotone());  // a loose tolerance does not end it in float32
    fit(single, shard, kSerial, {.stopping = {.stop_when_unchanged = true}});
    KMeans exact(8, problem.summary, shard.transform(), 1);
    exact.set_centroids(single.centroids());
    const FitResult again = fit(exact, shard, kSerial, {.stopping = {.stop_when_unchanged = true}});
    CHECK(again.progress.t <= 1);
    CHECK(exact.centroids() == single.centroids());
    CHECK(result.progress.falls == 0);
  }
}
