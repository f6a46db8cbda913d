#pragma once

#include <fmt/format.h>

#include <string>

#include "console.hpp"
#include "fit_setup.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/init/moments.hpp"
#include "jensen/io/model_file.hpp"
#include "jensen/io/safe_file.hpp"
#include "report.hpp"

namespace jensen::app {

template <class Method>
using StartFunction = typename Method::Model (*)(const typename Method::Options&, const StartRequest&);

/// `jensen fit`: read, start, fit from several starts, keep the best, write it, say what came out.
template <class Method>
int run_fit(const FitSettings& asked, typename Method::Options& options, StartFunction<Method> start,
            const std::string& input, const Communicator& comm) {
  using Model = typename Method::Model;
  const Stopwatch watch;
  FitSettings settings = asked;
  const Index components = parse_components(settings.components);
  const NamedStart named_start = parse_start(settings.start);
  if (named_start.is_fixed()) settings.restarts = 1;
  Stopping stopping = make_stopping(settings);
  Method::set_tolerance(settings.tolerance, stopping);
  ProgressObserver progress(progress_style(settings.progress));
  comm.on_root([&] {
    keep_inputs(settings.output,
                {input, settings.weights, named_start.kind == StartKind::model ? "" : named_start.file});
    io::probe_directory_of(settings.output);
  });

  const io::DatasetInfo info = io::inspect(input, comm);
  require_fitting_sizes(info, components, settings.block_rows);
  const Vector ones = Vector::Ones(info.features);
  const FeatureSummary unit{
      .total_weight = 1, .mean = ones, .variance = ones, .minimum = ones, .maximum = ones};
  const Model sketch = Method::make(options, components, unit, Transform::identity(info.features), 0);
  const MemoryEstimate memory =
      estimate_memory(info, settings, static_cast<Index>(sketch.make_sums().flat().size()), comm.size());
  if (comm.is_root()) {
    announce_fit(Method::kName, Method::kSummary, info, settings, options_of(options),
                 Method::kToleranceMeaning, memory, comm.size());
  }

  const io::LoadedData data =
      io::load(info, {.weights = settings.weights, .block_rows = settings.block_rows}, comm);
  const FeatureSummary summary = summarise_features(data.shard, comm, data.minimum, data.maximum);
  const auto warnings = Method::check(options, summary, feature_names(info));
  if (comm.is_root()) {
    for (const std::string& warning : warnings) fmt::print(stderr, "jensen: warning: {}\n", warning);
  }
  require_distinct_records(data.shard, comm, components);
  const DenseShard shard =
      data.shard.with_transform(internal_coordinates(summary, Method::scaling(options, info.features)));
  const GivenStart given = read_start(named_start, components, shard.partition(), comm);

  FitPlan plan{.stopping = stopping};
  if (comm.is_root()) plan.observers.push_back(&progress);
  std::vector<std::vector<Repair>> start_repairs(static_cast<std::size_t>(settings.restarts));
  const auto make_start = [&](Index restart, std::uint64_t seed) {
    return start(options, {.kind = given.kind,
                           .seed = seed,
                           .components = components,
                           .shard = shard,
                           .summary = summary,
                           .comm = comm,
                           .labels = given.labels,
                           .responsibilities = {given.responsibilities.data(),
                                                static_cast<std::size_t>(given.responsibilities.size())},
                           .model = given.model ? &*given.model : nullptr,
                           .max_iterations = settings.max_iterations,
                           .restart = restart,
                           .restarts = settings.restarts,
                           .observers = plan.observers,
                           .repairs = &start_repairs[static_cast<std::size_t>(restart)]});
  };
  auto [best, restarts, failed] = fit_best_of<Model>(
      settings.restarts, static_cast<std::uint64_t>(settings.seed), make_start, shard, comm, plan);

  auto& repairs = best.result.repairs;
  const auto& first = start_repairs[static_cast<std::size_t>(best.restart)];
  repairs.insert(repairs.begin(), first.begin(), first.end());

  Document document;
  Method::evaluate(best.model, options, shard, comm, document);
  Method::save(best.model, shard.transform(), document);
  store_state(save_state(best.model), document);
  const double total = watch.seconds(), waiting = comm.seconds(), reading = data.read_seconds;
  document.set_attribute("/fit", "singular", std::int64_t{is_singular(best.model)});
  document.set_attribute("/fit", "failed_restarts", failed);
  document.set_attribute("/fit", "ranks", std::int64_t{comm.size()});
  document.set_attribute("/fit", "total_seconds", total);
  document.set_attribute("/fit", "communication_seconds", waiting);
  document.set_attribute("/fit", "io_seconds", reading);
  document.set_attribute("/fit", "compute_seconds", std::max(0.0, total - waiting - reading));
  std::vector<Option> all_options = options_of(settings);
  for (Option& option : options_of(options)) all_options.push_back(std::move(option));
  const ObjectiveUnits units = best.model.units();
  write_record({info, data, shard.transform(), best.result, units, restarts, best.restart}, Method::kName,
               components, settings, all_options, document);
  comm.on_root([&] { io::write_model_file(document, settings.output); });
  if (comm.is_root()) {
    fmt::print("\n{}model file              {}\n", fit_report(document, Method::component_table(document)),
               settings.output);
  }
  const bool converged = is_converged(best.result.stopped);
  return static_cast<int>(settings.require_convergence && !converged ? ExitCode::not_converged
                                                                     : ExitCode::success);
}

}  // namespace jensen::app
