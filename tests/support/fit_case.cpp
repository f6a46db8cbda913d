#include "support/fit_case.hpp"

#include <fmt/format.h>

#include <span>

#include "jensen/core/random.hpp"
#include "jensen/fit/stages.hpp"
#include "jensen/init/moments.hpp"
#include "jensen/models/bayes_gmm/method.hpp"
#include "jensen/models/bayes_gmm/start.hpp"
#include "jensen/models/gmm/method.hpp"
#include "jensen/models/gmm/start.hpp"
#include "jensen/models/kmeans/method.hpp"
#include "jensen/models/kmeans/start.hpp"
#include "jensen/models/mixture/evaluation.hpp"
#include "support/bit_collector.hpp"
#include "support/data.hpp"

namespace test {

using namespace jensen;

namespace {

/// The model that a Method has beneath the decomposition of its steps, if that is what it does.
template <class M>
M& undecomposed(M& model) {
  return model;
}
template <class M>
M& undecomposed(Decomposed<M>& model) {
  return model.model();
}

void add_evaluation(BitCollector& collect, const mixture::Evaluation& parts) {
  for (const double part : {parts.log_likelihood, parts.entropy, parts.log_max_responsibility, parts.weight,
                            parts.uncertain_weight}) {
    collect.add(part);
  }
  collect.add(parts.sizes);
}

/// What a start may be given, of this rank's records; functions of the record's number.
struct Given {
  std::vector<Index> labels = {};
  std::vector<double> responsibilities = {};
  Document model = {};
};

Given make_given(const FitCase& wanted, const Sample& sample, const FeatureSummary& summary,
                 const Partition& partition) {
  Given given;
  const Index k = wanted.components, d = sample.rows.cols();
  for (Index n = partition.first_record(); n < partition.first_record() + partition.own_records(); ++n) {
    given.labels.push_back(n / 2 % k);
    Vector r(k);
    for (Index i = 0; i < k; ++i) r[i] = 1 + static_cast<double>((n + i) % 5);
    r /= r.sum();
    if (wanted.given_responsibilities)
      given.responsibilities.insert(given.responsibilities.end(), r.begin(), r.end());
  }
  given.model.set(wanted.means_only ? "/parameters/centroids" : "/parameters/means",
                  RowMatrix(sample.rows.topRows(k)));
  if (!wanted.means_only) {
    given.model.set("/parameters/weights", Vector(Vector::Constant(k, 1.0 / static_cast<double>(k))));
    const Matrix sigma = summary.variance.asDiagonal();
    given.model.set("/parameters/covariances", std::span(sigma.data(), static_cast<std::size_t>(d * d)),
                    {1, d, d});
  }
  return given;
}

template <class Method, class Start>
void fit_and_collect(const FitCase& wanted, const typename Method::Options& options, Start start,
                     const Sample& sample, const Communicator& comm, const Journey& journey,
                     FitOutcome& outcome) {
  using Model = typename Method::Model;
  const DenseShard data = sharded(sample.rows, comm, wanted.block_rows, sample.weights, wanted.storage);
  const FeatureSummary summary = summarise_features(data, comm, sample.rows.colwise().minCoeff().transpose(),
                                                    sample.rows.colwise().maxCoeff().transpose());
  const DenseShard shard =
      data.with_transform(internal_coordinates(summary, Method::scaling(options, data.features())));
  const Given given = make_given(wanted, sample, summary, shard.partition());
  Run run;
  run.global_step_by = wanted.global_step_by;
  if (journey.watcher != nullptr) run.observers = {journey.watcher};
  if (journey.resume_from) run.resume_from(*journey.resume_from);
  const auto make = [&](Index, std::uint64_t seed) {
    return Method::make(options, wanted.components, summary, shard.transform(), seed);
  };
  const auto make_start = [&](Model& model, Index restart, std::uint64_t seed) {
    return start(undecomposed(model), {.kind = wanted.start,
                                       .seed = seed,
                                       .components = wanted.components,
                                       .shard = shard,
                                       .summary = summary,
                                       .comm = comm,
                                       .labels = given.labels,
                                       .responsibilities = given.responsibilities,
                                       .model = &given.model,
                                       .max_iterations = wanted.max_iterations,
                                       .run = &run,
                                       .restart = restart,
                                       .restarts = wanted.restarts});
  };
  fit_restarts<Model>(run, wanted.restarts, 1, make, make_start, shard, comm,
                      {.max_iterations = wanted.max_iterations});
  Finished<Model> best = best_of<Model>(run, make);
  BitCollector collect(outcome.bits);
  collect.add(summary.total_weight);
  for (const Vector& values : {summary.mean, summary.variance}) collect.add(values);
  collect.add(run.history.best->model);
  collect.add(best.result.progress.objectives);
  collect.add(best.result.progress.changes);
  collect.add(best.result.progress.magnitude);
  collect.add(run.history.failed);
  collect.add(std::string(to_string(best.result.stopped)));
  for (const Repair& repair : best.result.progress.repairs)
    collect.add(repair.component), collect.add(repair.what);
  for (const RestartRecord& restart : run.history.restarts) {
    collect.add(restart.objective);
    collect.add(restart.iterations);
    collect.add(std::int64_t{restart.singular});
  }
  Document document;
  Method::evaluate(best.model, options, shard, comm, document);
  best.model.save(shard.transform(), document);
  collect.add(document);
  if constexpr (Method::kHasResponsibilities)
    add_evaluation(collect, mixture::evaluate(undecomposed(best.model), shard, comm));
  outcome.repairs = best.result.progress.repairs.size();
}

}  // namespace

Sample Sample::first(Index count) const {
  Sample part{rows.topRows(count), {}};
  if (!weights.empty()) part.weights.assign(weights.begin(), weights.begin() + count);
  return part;
}

Sample clusters(Index records) {
  Sample sample{RowMatrix(records, 3), {}};
  for (Index n = 0; n < records; ++n) {
    Stream stream(5, Purpose::canary, n);
    const double centre = 2.5 * static_cast<double>(n % 3);
    sample.rows(n, 0) = 3 + centre + stream.normal();
    sample.rows(n, 1) = -70 + 10 * (centre * centre / 4 + stream.normal());
    sample.rows(n, 2) = 0.01 * (stream.normal() - centre);
    sample.weights.push_back(n % 11 == 4 ? 0 : 3 * stream.uniform());
  }
  return sample;
}

Sample awkward(Index records) {
  Sample sample{RowMatrix(records, 2), {}};
  for (Index n = 0; n < records; ++n) {
    Stream stream(6, Purpose::canary, n);
    const double spread = n % 3 == 2 ? 1e-4 : 1;
    sample.rows(n, 0) = 1e6 + 4 * static_cast<double>(n % 3) + spread * stream.normal();
    sample.rows(n, 1) = 1e6 - 3 * static_cast<double>(n % 3) + spread * stream.normal();
  }
  sample.rows.row(1) = sample.rows.row(0);
  return sample;
}

std::string FitCase::text() const {
  return fmt::format("{}, begun in {}, start {}{}{}, K = {}, {} restarts, blocks of {}{}{}", model, precision,
                     static_cast<int>(start), given_responsibilities ? " (given)" : "",
                     means_only ? " (means only)" : "", components, restarts, block_rows,
                     storage == DenseShard::Storage::float32 ? ", float32" : "",
                     global_step_by == GlobalStepBy::owners ? ", by owners" : "");
}

std::vector<std::string> all_models() {
  std::vector<std::string> models = {"kmeans"};
  for (const mixture::Family& family : mixture::families()) models.emplace_back(family.letters);
  for (const char* family : {"VVV", "EEE", "VII"}) models.push_back(std::string(kBayesian) + family);
  return models;
}

FitOutcome run_fit_case(const FitCase& wanted, const Sample& sample, const Communicator& comm,
                        const Journey& journey) {
  FitOutcome outcome;
  try {
    if (wanted.model == "kmeans") {
      fit_and_collect<kmeans::Method>(wanted, {.precision = wanted.precision}, kmeans::start, sample, comm,
                                      journey, outcome);
    } else if (wanted.model.starts_with(kBayesian)) {
      const bayes_gmm::Options options{.covariance = wanted.model.substr(kBayesian.size())};
      fit_and_collect<bayes_gmm::Method>(wanted, options, bayes_gmm::start, sample, comm, journey, outcome);
    } else if (wanted.model == std::string(kDecomposed) + "kmeans") {
      fit_and_collect<kmeans::Method::Decomposed>(wanted, {.precision = wanted.precision}, kmeans::start,
                                                  sample, comm, journey, outcome);
    } else if (wanted.model.starts_with(kDecomposed)) {
      const gmm::Options options{.covariance = wanted.model.substr(kDecomposed.size()),
                                 .covariance_floor = wanted.covariance_floor,
                                 .precision = wanted.precision};
      fit_and_collect<gmm::Method::Decomposed>(wanted, options, gmm::start, sample, comm, journey, outcome);
    } else {
      const gmm::Options options{.covariance = wanted.model,
                                 .covariance_floor = wanted.covariance_floor,
                                 .precision = wanted.precision};
      fit_and_collect<gmm::Method>(wanted, options, gmm::start, sample, comm, journey, outcome);
    }
  } catch (const Error& error) {
    outcome.error = error.what();
  }
  return outcome;
}

}  // namespace test
