#include <fstream>

#include "jensen/fit/stages.hpp"
#include "jensen/init/moments.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/models/bayes_gmm/method.hpp"
#include "jensen/models/bayes_gmm/start.hpp"
#include "jensen/models/gmm/method.hpp"
#include "jensen/models/gmm/start.hpp"
#include "jensen/models/kmeans/method.hpp"
#include "jensen/models/kmeans/start.hpp"
#include "pmpi_counter.hpp"
#include "support/fit_case.hpp"
#include "support/temp_dir.hpp"
#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::Traffic;
using test::traffic;
using test::world;

namespace {

constexpr Index kRecords = 1000, kComponents = 3;

void write_records(const std::string& file, Index records) {
  const RowMatrix rows = test::clusters(records).rows;
  const auto values = rows.reshaped<Eigen::RowMajor>();
  const test::Handle out = io::create_output(file);
  test::add_dataset(out.get(), "x", {.shape = {rows.rows(), rows.cols()}},
                    std::vector<double>(values.begin(), values.end()));
}

/// Data sets of N and 8 N records.
struct Files {
  test::TempDir directory;
  std::string small = directory.file("small.h5"), large = directory.file("large.h5");

  Files() {
    world().on_root([&] {
      write_records(small, kRecords);
      write_records(large, 8 * kRecords);
    });
  }
};

// Debug builds compare the ranks' parameters in every iteration: a minimum and a maximum of 8 bytes.
#ifdef NDEBUG
constexpr Traffic kComparison{0, 0};
#else
constexpr Traffic kComparison{2, 16};
#endif

struct Sent {
  Traffic whole;  // from opening the file to the evaluation of the fitted model
  Traffic fit;
  std::int64_t entries = 0;  // of the statistics
  std::int64_t results = 0;  // numbers that describe what came of all parts
};

template <class Method, class Start>
Sent fit_file(const std::string& file, const typename Method::Options& options, Start start, Index iterations,
              GlobalStepBy global_step_by = GlobalStepBy::whoever_is_faster) {
  Sent sent;
  const Traffic at_first = traffic();
  const io::LoadedData data = io::load(io::inspect(file, world()), {}, world());
  const FeatureSummary summary = summarise_features(data.shard, world(), data.minimum, data.maximum);
  require_distinct_records(data.shard, world(), kComponents);
  const DenseShard shard = data.shard.with_transform(
      internal_coordinates(summary, Method::scaling(options, data.shard.features())));
  auto model = Method::make(options, kComponents, summary, shard.transform(), 1);
  start(model, {.kind = StartKind::kmeans_plus_plus,
                .seed = 1,
                .components = kComponents,
                .shard = shard,
                .summary = summary,
                .comm = world()});
  const Traffic before = traffic();
  const FitResult result = fit(
      model, shard, world(), {.stopping = {.max_iterations = iterations}, .global_step_by = global_step_by});
  sent.fit = traffic() - before;
  REQUIRE_ALL(result.progress.t == iterations);
  Document document;
  Method::evaluate(model, options, shard, world(), document);
  sent.whole = traffic() - at_first;
  sent.entries = static_cast<std::int64_t>(model.make_sums().flat().size());
  if constexpr (PartitionedModel<typename Method::Model>) {
    PartArchive counting(PartArchive::Way::count, {});
    for (Index k = 0; k < model.parts(); ++k) model.describe_part(k, counting);
    sent.results = static_cast<std::int64_t>(counting.size());
  }
  return sent;
}

Sent fit_file(const std::string& file, const std::string& model, Index iterations) {
  if (model == "kmeans") return fit_file<kmeans::Method>(file, {}, kmeans::start, iterations);
  if (model.starts_with(test::kBayesian)) {
    const bayes_gmm::Options options{.covariance = model.substr(test::kBayesian.size())};
    return fit_file<bayes_gmm::Method>(file, options, bayes_gmm::start, iterations);
  }
  if (model.starts_with(test::kDecomposed)) {
    const auto start = [](auto& decomposed, const StartRequest& request) {
      if constexpr (requires { decomposed.model().centroids(); }) {
        return kmeans::start(decomposed.model(), request);
      } else {
        return gmm::start(decomposed.model(), request);
      }
    };
    const std::string inner = model.substr(test::kDecomposed.size());
    if (inner == "kmeans") return fit_file<kmeans::Method::Decomposed>(file, {}, start, iterations);
    return fit_file<gmm::Method::Decomposed>(file, {.covariance = inner}, start, iterations);
  }
  return fit_file<gmm::Method>(file, {.covariance = model}, gmm::start, iterations);
}

/// Bytes that this process has got from files, pipes and terminals; -1 where the system does not tell.
std::int64_t bytes_read_by_process() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::int64_t value = -1;
  return file >> name >> value && name == "rchar:" ? value : -1;
}

}  // namespace

TEST_CASE("an iteration is one collective of 32 bytes an entry of the statistics and 64 of votes",
          "[distributed]") {
  const Files files;
  std::vector<std::string> models = test::all_models();
  models.insert(models.end(), test::kDecomposedModels.begin(), test::kDecomposedModels.end());
  for (const std::string& model : models) {
    INFO(model);
    for (const std::string& file : {files.small, files.large}) {
      for (const Index iterations : {2, 5}) {
        const Sent sent = fit_file(file, model, iterations);
        const Index passes = world().size() == 1 ? 0 : iterations + 1;
        const Traffic pass{1 + kComparison.calls, 32 * (sent.entries + 2) + kComparison.bytes};
        REQUIRE_ALL(sent.fit == Traffic{passes * pass.calls, passes * pass.bytes});
      }
    }
  }
}

TEST_CASE("owners send no more bytes than one collective over all entries would", "[distributed]") {
  const Files files;
  constexpr std::int64_t kHead = 8;
  const std::int64_t ranks = world().size();
  for (const std::string& file : {files.small, files.large}) {
    for (const Index iterations : {2, 5}) {
      const Sent sent =
          fit_file<gmm::Method>(file, {.covariance = "VVV"}, gmm::start, iterations, GlobalStepBy::owners);
      // What is not the model's own sums is reduced over all ranks. Those go from rank to rank towards their
      // owner, which takes ranks - 1 messages of each entry, and what came of it as many back: each message
      // is counted where it is sent and where it is received.
      const std::int64_t head = ranks == 1 ? 0 : 32 * (kHead + 2) + kComparison.bytes;
      const std::int64_t sums = 32 * (sent.entries - kHead), results = 8 * (sent.results + ranks);
      const std::int64_t expected =
          (iterations + 1) * ranks * head + iterations * 2 * (ranks - 1) * (sums + results);
      REQUIRE_ALL(world().sum(sent.fit.bytes) == expected);
      REQUIRE_ALL(8 * sent.results <= sums);
    }
  }
}

TEST_CASE("a whole run hands MPI the same bytes for eight times the records", "[distributed]") {
  const Files files;
  for (const std::string& model : test::all_models()) {
    INFO(model);
    const Traffic small = fit_file(files.small, model, 3).whole,
                  large = fit_file(files.large, model, 3).whole;
    REQUIRE_ALL(small == large);
    REQUIRE_ALL((small.bytes > 0) == (world().size() > 1));
  }
}

TEST_CASE("each rank reads its own rows once in a whole run", "[distributed]") {
  constexpr Index kMany = 64 * kRecords;
  const test::TempDir directory;
  const std::string file = directory.file("many.h5");
  world().on_root([&] { write_records(file, kMany); });
  const Partition own{kMany, default_block_rows(kMany), world().rank(), world().size()};
  const Index rows_before = io::rows_read();
  const std::int64_t bytes_before = bytes_read_by_process();
  fit_file(file, "VVV", 3);
  CHECK(io::rows_read() - rows_before == own.own_records());
  CHECK(world().sum(io::rows_read() - rows_before) == kMany);
  const std::int64_t bytes = bytes_read_by_process() - bytes_before, expected = own.own_records() * 3 * 8;
  constexpr std::int64_t kAhead = 80 << 10;  // HDF5 reads its headers and up to 64 KiB ahead
  REQUIRE_ALL(bytes_before >= 0);
  REQUIRE_ALL(bytes >= expected);
  REQUIRE_ALL(bytes <= expected + kAhead);
}
