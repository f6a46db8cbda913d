#include <fmt/format.h>

#include "bench.hpp"
#include "jensen/fit/fit.hpp"
#include "jensen/init/assignments.hpp"
#include "jensen/init/moments.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/models/bayes_gmm/method.hpp"
#include "jensen/models/gmm/gmm.hpp"
#include "jensen/models/kmeans/kmeans.hpp"

namespace bench {
namespace {

using namespace jensen;

/// As data of half a million records and more have them.
constexpr Index kBlockRows = 2048;

io::LoadedData load_set(const std::string& name, Index block_rows) {
  return io::load(io::inspect(name, {}), {.block_rows = block_rows}, {});
}

template <class Model>
class ModelJob final : public Job {
 public:
  ModelJob(Model start, DenseShard shard) : start_(std::move(start)), shard_(std::move(shard)) {}

  Json shape() const override {
    return {{"records", shard_.global_records()},
            {"features", shard_.features()},
            {"components", start_.components()},
            {"sums", start_.make_sums().flat().size()}};
  }

  Json fit(Index iterations) const override {
    Model model = start_;
    const Stopwatch watch;
    const FitResult result = jensen::fit(model, shard_, {}, {.stopping = {.max_iterations = iterations}});
    const double seconds = watch.seconds();
    const std::vector<double>& elapsed = result.progress.elapsed_seconds;
    std::vector<double> each;
    for (std::size_t i = 1; i < elapsed.size(); ++i) each.push_back(elapsed[i] - elapsed[i - 1]);
    const ObjectiveUnits units = model.units();
    return {{"seconds", seconds},
            {"iterations", each},
            {"objective", units.reported(result.progress.objective(), result.progress.weight)}};
  }

  Json reduction(Index iterations) const override {
    Model exact = start_, plain = start_;
    auto sums = start_.make_sums();
    std::vector<typename Model::Cache> exact_caches(static_cast<std::size_t>(shard_.block_count()));
    auto plain_caches = exact_caches;
    std::vector<double> exact_seconds, plain_seconds;
    for (Index t = 0; t < iterations; ++t) {
      exact_seconds.push_back(iterate(exact, t, sums, [&] { exact_pass(exact, exact_caches, sums); }));
      plain_seconds.push_back(iterate(plain, t, sums, [&] { plain_pass(plain, plain_caches, sums); }));
    }
    return {{"exact", exact_seconds}, {"plain", plain_seconds}};
  }

 private:
  using Sums = typename Model::Sums;
  using Caches = std::vector<typename Model::Cache>;

  template <class Pass>
  static double iterate(Model& model, Index t, Sums& sums, Pass pass) {
    const Stopwatch watch;
    model.prepare(t);
    pass();
    model.global_step(sums, t);
    return watch.seconds();
  }

  void exact_pass(const Model& model, Caches& caches, Sums& sums) const {
    accumulate(blocks_for<Model>(shard_), {}, sums, [&](const DenseBlock& block, Index i, Sums& own) {
      model.local_step(block, caches[static_cast<std::size_t>(i)], own);
    });
  }

  void plain_pass(const Model& model, Caches& caches, Sums& sums) const {
    AlignedVector<double> total(sums.flat().size());
    const auto& blocks = blocks_for<Model>(shard_);
    typename std::decay_t<decltype(blocks)>::Buffer buffer;
    for (Index i = 0; i < blocks.block_count(); ++i) {
      sums.clear();
      model.local_step(blocks.block(i, buffer), caches[static_cast<std::size_t>(i)], sums);
      const std::span<const double> own = sums.flat();
      for (std::size_t j = 0; j < total.size(); ++j) total[j] += own[j];
    }
    std::copy(total.begin(), total.end(), sums.flat().begin());
  }

  Model start_;
  DenseShard shard_;
};

template <class Model>
std::unique_ptr<Job> job_of(Model start, DenseShard shard) {
  return std::make_unique<ModelJob<Model>>(std::move(start), std::move(shard));
}

/// K x D positions in the data's units.
RowMatrix read_start(const std::string& file) {
  const DenseShard shard = load_set(file + ":/start", 0).shard;
  RowMatrix positions(shard.global_records(), shard.features());
  for (Index k = 0; k < positions.rows(); ++k) positions.row(k) = shard.original_record(k);
  return positions;
}

}  // namespace

std::unique_ptr<Job> open_job(const Json& request) {
  const std::string file = request.at("file"), name = request.at("model");
  const io::LoadedData data = load_set(file + ":/data", kBlockRows);
  const FeatureSummary summary = summarise_features(data.shard, {}, data.minimum, data.maximum);
  const RowMatrix positions = read_start(file);
  const Index components = positions.rows();

  // Here a model gets what a request says of it.
  if (name == "kmeans") {
    const DenseShard shard = data.shard.with_transform(internal_coordinates(summary, Scaling::common));
    kmeans::KMeans model(
        components, summary, shard.transform(), 1,
        {.arithmetic =
             request.at("precision") == "float32" ? kmeans::Arithmetic::float32 : kmeans::Arithmetic::float64,
         .kernel = request.at("kernel") == "plain" ? kmeans::Kernel::plain : kmeans::Kernel::automatic});
    model.set_centroids(shard.transform().to_internal(positions));
    return job_of(std::move(model), shard);
  }
  if (name == "gmm") {
    gmm::Settings settings{
        .family = &mixture::find_family(request.at("covariance").get<std::string>(), data.shard.features()),
        .components = components,
        .covariance_floor = 0};
    settings.expansion_limit = request.value("expansion_limit", settings.expansion_limit);
    const DenseShard shard =
        data.shard.with_transform(internal_coordinates(summary, settings.family->scaling));
    gmm::GaussianMixture model(settings, summary, shard.transform(), 1);
    const Vector variance = summary.variance.array() * shard.transform().scale.array().square();
    model.set_parameters(Vector::Constant(components, 1.0 / static_cast<double>(components)),
                         shard.transform().to_internal(positions), {Matrix(variance.asDiagonal())});
    return job_of(std::move(model), shard);
  }
  if (name == "bayes-gmm") {
    const bayes_gmm::Options options{.covariance = request.at("covariance").get<std::string>()};
    const DenseShard shard = data.shard.with_transform(
        internal_coordinates(summary, bayes_gmm::Method::scaling(options, data.shard.features())));
    auto model = bayes_gmm::Method::make(options, components, summary, shard.transform(), 1);
    const RowMatrix seeds = shard.transform().to_internal(positions);
    start_from_responsibilities(model, shard, {}, [&](const DenseBlock& block, Index, Matrix& r) {
      for (Index n = 0; n < block.rows(); ++n) {
        Index nearest = 0;
        (seeds.rowwise() - block.records.row(n)).rowwise().squaredNorm().minCoeff(&nearest);
        r(n, nearest) = 1;
      }
    });
    return job_of(std::move(model), shard);
  }
  throw std::invalid_argument(fmt::format("model = '{}' (must be gmm, bayes-gmm or kmeans)", name));
}

}  // namespace bench
