// Micro-benchmarks: what the passes are made of, on one block. Run with --benchmark_filter=REGEX.
#include <benchmark/benchmark.h>

#include <string>

#include "jensen/core/exact_sum.hpp"
#include "jensen/core/random.hpp"
#include "jensen/data/shard.hpp"
#include "jensen/models/gmm/gmm.hpp"
#include "jensen/models/kmeans/kmeans.hpp"

using namespace jensen;

namespace {

constexpr Index kRows = 2048;

RowMatrix normal_numbers(Index rows, Index columns, std::uint64_t seed) {
  Stream stream(seed, Purpose::sampling, 0);
  return RowMatrix::NullaryExpr(rows, columns, [&] { return stream.normal(); });
}

DenseShard one_block(Index features) {
  DenseShard shard({kRows, kRows}, features, DenseShard::Storage::float64, false);
  const RowMatrix rows = normal_numbers(kRows, features, 1);
  shard.fill(0, kRows, rows.data());
  return shard;
}

/// Means of a model near the origin: all components overlap, so that nothing is skipped.
RowMatrix positions(Index components, Index features) {
  return 0.3 * normal_numbers(components, features, 2);
}

template <class Model>
void run_local_step(benchmark::State& state, const DenseShard& shard, Model& model) {
  DenseShard::Buffer buffer;
  const DenseBlock block = shard.block(0, buffer);
  auto sums = model.make_sums();
  typename Model::Cache cache;
  model.prepare(0);
  for (auto _ : state) {
    sums.clear();
    model.local_step(block, cache, sums);
    benchmark::DoNotOptimize(sums.flat().data());
  }
  state.SetItemsProcessed(state.iterations() * kRows * model.components());  // pairs of record and component
}

void gmm_local_step(benchmark::State& state, const std::string& covariance, double expansion_limit,
                    Arithmetic arithmetic = Arithmetic::float64) {
  const Index features = state.range(0), components = state.range(1);
  gmm::Settings settings{.family = &mixture::find_family(covariance, features),
                         .components = components,
                         .arithmetic = arithmetic};
  if (expansion_limit >= 0) settings.expansion_limit = expansion_limit;
  gmm::GaussianMixture model(settings, unit_summary(features), Transform::identity(features), 1);
  model.set_parameters(Vector::Constant(components, 1.0 / static_cast<double>(components)),
                       positions(components, features), {Matrix::Identity(features, features)});
  run_local_step(state, one_block(features), model);
}

void kmeans_local_step(benchmark::State& state) {
  const Index features = state.range(0), clusters = state.range(1);
  kmeans::KMeans model(clusters, unit_summary(features), Transform::identity(features), 1);
  model.set_centroids(positions(clusters, features));
  run_local_step(state, one_block(features), model);
}

void kmeans_assign(benchmark::State& state) {
  const Index features = state.range(0), clusters = state.range(1);
  const DenseShard shard = one_block(features);
  kmeans::KMeans model(clusters, unit_summary(features), Transform::identity(features), 1);
  model.set_centroids(positions(clusters, features));
  model.prepare(0);
  DenseShard::Buffer buffer;
  const DenseBlock block = shard.block(0, buffer);
  std::vector<Index> labels;
  for (auto _ : state) {
    model.assign(block, labels);
    benchmark::DoNotOptimize(labels.data());
  }
  state.SetItemsProcessed(state.iterations() * kRows * clusters);
}

void block_preparation(benchmark::State& state) {
  const Index features = state.range(0);
  const DenseShard shard =
      one_block(features).with_transform({Vector::Constant(features, 0.1), Vector::Constant(features, 2)});
  DenseShard::Buffer buffer;
  for (auto _ : state) {
    const DenseBlock block = shard.block(0, buffer);
    benchmark::DoNotOptimize(block.records.data());
  }
  state.SetBytesProcessed(state.iterations() * kRows * features * 8);
}

void exact_sum_add(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const RowMatrix numbers = normal_numbers(1, state.range(0), 3);
  ExactSum sum(size);
  for (auto _ : state) sum.add({numbers.data(), size});
  state.SetItemsProcessed(state.iterations() * state.range(0));  // entries
}

BENCHMARK_CAPTURE(gmm_local_step, full, "full", -1.0)
    ->ArgsProduct({{8, 16, 32, 64, 128}, {32}})
    ->Args({32, 8});
BENCHMARK_CAPTURE(gmm_local_step, full_centred, "full", 0.0)->ArgsProduct({{32, 64}, {32}});
BENCHMARK_CAPTURE(gmm_local_step, tied, "tied", -1.0)->Args({64, 32});
BENCHMARK_CAPTURE(gmm_local_step, diag, "diag", -1.0)->ArgsProduct({{16, 64}, {32}});
BENCHMARK_CAPTURE(gmm_local_step, diag_float32, "diag", -1.0, Arithmetic::float32)
    ->ArgsProduct({{16, 64}, {32}});
BENCHMARK_CAPTURE(gmm_local_step, spherical, "spherical", -1.0)->ArgsProduct({{16, 64}, {32}});
BENCHMARK_CAPTURE(gmm_local_step, spherical_float32, "spherical", -1.0, Arithmetic::float32)
    ->ArgsProduct({{16, 64}, {32}});
BENCHMARK(kmeans_local_step)->Args({8, 100})->Args({32, 100})->Args({128, 1000});
BENCHMARK(kmeans_assign)->Args({8, 100})->Args({32, 100})->Args({128, 1000});
BENCHMARK(block_preparation)->Arg(8)->Arg(32)->Arg(128);
BENCHMARK(exact_sum_add)->Arg(1000)->Arg(20000)->Arg(1000000);

}  // namespace

BENCHMARK_MAIN();
