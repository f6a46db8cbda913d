// Measures what the steps of a full-covariance Gaussian mixture cost one core of this machine: what simulated
// ranks are told to take.
//
// usage: step_costs K D ROWS [K D ROWS ...]      a JSON array of seconds

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "jensen/core/random.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/fit/accumulate.hpp"
#include "jensen/models/gmm/gmm.hpp"
#include "support/data.hpp"

using namespace jensen;
using gmm::GaussianMixture;

namespace {

/// The least of some times.
template <class Work>
double seconds_of(Work work, int tries = 3) {
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < tries; ++i) {
    const Stopwatch watch;
    work();
    least = std::min(least, watch.seconds());
  }
  return least;
}

RowMatrix normal_rows(Index rows, Index features) {
  RowMatrix values(rows, features);
  Stream stream(1, Purpose::canary, 0);
  for (Index i = 0; i < values.size(); ++i) values.data()[i] = stream.normal();
  return values;
}

GaussianMixture make_mixture(const RowMatrix& rows, Index components) {
  const Index d = rows.cols();
  const FeatureSummary summary{static_cast<double>(rows.rows()), Vector::Zero(d), Vector::Ones(d),
                               rows.colwise().minCoeff().transpose(), rows.colwise().maxCoeff().transpose()};
  GaussianMixture model({.family = &mixture::find_family("VVV", d), .components = components}, summary,
                        Transform::identity(d), 1);
  const Matrix sigma = Matrix::Identity(d, d);
  RowMatrix means(components, d);
  for (Index k = 0; k < components; ++k) means.row(k) = rows.row(k % rows.rows());
  model.set_parameters(Vector::Constant(components, 1.0 / static_cast<double>(components)), means,
                       std::vector<Matrix>(static_cast<std::size_t>(components), sigma));
  model.prepare(0);
  return model;
}

/// A pass over the first `count` rows in blocks of 2048, as large data have them.
double pass_seconds(const GaussianMixture& model, const RowMatrix& rows, Index count) {
  const DenseShard shard = test::sharded(rows.topRows(count), {}, 2048);
  auto sums = model.make_sums();
  GaussianMixture::Cache cache;
  const auto visit = [&](const DenseBlock& block, Index, mixture::GaussianSums& own) {
    model.local_step(block, cache, own);
  };
  return seconds_of([&] { accumulate(shard, {}, sums, visit); }, count > 4096 ? 3 : 5);
}

/// Sums in which every component has 2 D records of unit variance.
mixture::GaussianSums plain_sums(const GaussianMixture& model) {
  auto sums = model.make_sums();
  const RowMatrix rows = normal_rows(2 * model.features(), model.features());
  const DenseShard shard = test::sharded(rows, {}, rows.rows());
  DenseShard::Buffer buffer;
  model.add_statistics(shard.block(0, buffer), Matrix::Ones(rows.rows(), model.components()), sums);
  return sums;
}

void print_costs(Index components, Index features, Index most_rows) {
  const RowMatrix rows = normal_rows(most_rows, features);
  GaussianMixture model = make_mixture(rows, components);
  const double few = pass_seconds(model, rows, most_rows / 4), many = pass_seconds(model, rows, most_rows);
  const double per_row = (many - few) / static_cast<double>(most_rows - most_rows / 4);

  const mixture::GaussianSums sums = plain_sums(model);
  const auto parts = static_cast<double>(components);
  const double update = seconds_of([&] {
                          for (Index k = 0; k < components; ++k) model.update_part(sums, k);
                        }) /
                        parts;
  const double prepare = seconds_of([&] {
                           for (Index k = 0; k < components; ++k) model.prepare_part(k);
                         }) /
                         parts;
  PartArchive counting(PartArchive::Way::count, {});
  model.describe_part(0, counting);
  std::vector<double> numbers(counting.size() * static_cast<std::size_t>(components));
  const auto copy = [&](PartArchive::Way way) {
    return seconds_of([&] {
             for (Index k = 0; k < components; ++k) {
               PartArchive archive(way, std::span(numbers).subspan(
                                            counting.size() * static_cast<std::size_t>(k), counting.size()));
               model.describe_part(k, archive);
             }
           }) /
           parts;
  };
  const double out = copy(PartArchive::Way::out), in = copy(PartArchive::Way::in);

  ExactSum exact(sums.flat().size());
  exact.add(sums.flat());
  const auto entries = static_cast<double>(exact.size());
  std::vector<ExactSum::Element> mine(exact.size()), theirs(exact.size());
  const double store = seconds_of([&] { exact.store(mine); }) / entries;
  exact.store(theirs);
  const double merge = seconds_of([&] { ExactSum::merge_elements(theirs, mine); }) / entries;
  exact.load(theirs);
  std::vector<double> rounded(exact.size());
  const double round = seconds_of([&] { exact.load(theirs), exact.round_into(rounded); }) / entries;
  fmt::print(
      R"({{"components": {}, "features": {}, "entries": {}, "part_numbers": {}, "row": {:.6g}, "pass": {:.6g}, )"
      R"("update_part": {:.6g}, "prepare_part": {:.6g}, "part_out": {:.6g}, "part_in": {:.6g}, )"
      R"("entry_store": {:.6g}, "entry_merge": {:.6g}, "entry_round": {:.6g}}})",
      components, features, exact.size(), counting.size(), per_row,
      std::max(0.0, few - per_row * static_cast<double>(most_rows / 4)), update, prepare, out, in, store,
      merge, round);
}

}  // namespace

int main(int argc, char** argv) {
  fmt::print("[");
  for (int i = 1; i + 2 < argc; i += 3) {
    fmt::print("{}", i > 1 ? ",\n " : "");
    print_costs(std::atol(argv[i]), std::atol(argv[i + 1]), std::atol(argv[i + 2]));
  }
  fmt::print("]\n");
}
