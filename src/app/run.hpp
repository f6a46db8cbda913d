#pragma once

#include <fmt/format.h>

#include <string>

#include "console.hpp"
#include "fit_log.hpp"
#include "fit_profile.hpp"
#include "fit_setup.hpp"
#include "jensen/core/error.hpp"
#include "jensen/fit/stages.hpp"
#include "jensen/init/moments.hpp"
#include "jensen/io/lasting_run.hpp"
#include "jensen/io/model_file.hpp"
#include "jensen/io/safe_file.hpp"
#include "lasting.hpp"
#include "report.hpp"

namespace jensen::app {

template <class Method>
using StartFunction = std::vector<Repair> (*)(typename Method::Model&, const StartRequest&);

/// `jensen fit`: read, start, fit from several starts, keep the best, write it, say what came out. What is
/// killed on the way goes on where its last checkpoint stands.
template <class Method>
int run_fit(const FitSettings& asked, typename Method::Options& options, StartFunction<Method> start,
            const std::string& input, const Communicator& comm) {
  using Model = typename Method::Model;
  FitSettings settings = asked;
  FitProfile profile(settings.profile);
  const Index components = parse_components(settings.components);
  const NamedStart named_start = parse_start(settings.start);
  if (named_start.is_fixed()) settings.restarts = 1;
  Stopping stopping = make_stopping(settings);
  Method::set_tolerance(settings.tolerance, stopping);
  std::vector<Option> all_options = options_of(settings);
  for (Option& option : options_of(options)) all_options.push_back(std::move(option));
  ProgressObserver progress(progress_style(settings.progress));
  comm.on_root([&] {
    keep_inputs(settings.output,
                {input, settings.weights, named_start.kind == StartKind::model ? "" : named_start.file});
    io::probe_directory_of(settings.output);
  });
  const io::DatasetInfo info = io::inspect(input, comm);
  require_fitting_sizes(info, components, settings.block_rows);
  const auto make = [&](const FeatureSummary& summary, const Transform& transform, std::uint64_t seed) {
    return Method::make(options, components, summary, transform, seed);
  };
  const Model sketch = make(unit_summary(info.features), Transform::identity(info.features), 0);

  FitLog log(settings.log, comm);
  io::LastingOptions lasting = lasting_options(settings);
  lasting.note = [&](const std::string& sentence) { progress.note(sentence), log.note(sentence); };
  io::LastingRun run(lasting, comm);
  if (run.checkpoint() != nullptr) require_same_options(*run.checkpoint(), Method::kName, all_options);
  if (comm.is_root()) {
    run.observers.insert(run.observers.end(), {&progress, &log});
    const auto sums = static_cast<Index>(sketch.make_sums().flat().size());
    if (!settings.json)
      announce_fit(Method::kName, Method::kSummary, info, settings, options_of(options),
                   Method::kToleranceMeaning, estimate_memory(info, settings, sums, comm.size()),
                   comm.size());
  }

  const io::LoadedData data = time_whole(Phase::reading, [&] {
    return io::load(info, {.weights = settings.weights, .block_rows = settings.block_rows}, comm);
  });
  const FeatureSummary summary = time_whole(
      Phase::reading, [&] { return summarise_features(data.shard, comm, data.minimum, data.maximum); });
  const auto warnings = Method::check(options, summary, feature_names(info));
  if (comm.is_root()) {
    for (const std::string& warning : warnings) progress.note("warning: " + warning);
  }
  require_distinct_records(data.shard, comm, components);
  const DenseShard shard = data.shard.with_transform(
      settings.standardise == "sd" ? standardised_coordinates(summary)
                                   : internal_coordinates(summary, Method::scaling(options, info.features)));
  const Document header = fit_header(info, data, Method::kName, all_options);
  run.begin(header);
  GivenStart given{.kind = named_start.kind};
  if (run.checkpoint() == nullptr) given = read_start(named_start, components, shard.partition(), comm);

  const auto make_fresh = [&](Index, std::uint64_t seed) { return make(summary, shard.transform(), seed); };
  const auto make_start = [&](Model& model, Index restart, std::uint64_t seed) {
    return start(model, {.kind = given.kind,
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
                         .run = &run,
                         .restart = restart,
                         .restarts = settings.restarts});
  };
  fit_restarts<Model>(run, settings.restarts, static_cast<std::uint64_t>(settings.seed), make_fresh,
                      make_start, shard, comm, stopping);
  if (run.stopped()) {
    if (comm.is_root()) lasting.note(stop_sentence(run, settings));
    return static_cast<int>(ExitCode::stopped);
  }

  const Finished<Model> best = best_of<Model>(run, make_fresh);
  const ObjectiveUnits units = best.model.units();
  const Progress& history = best.result.progress;
  Document document = header;
  record_format(document);
  time_whole(Phase::other, [&] { Method::evaluate(best.model, options, shard, comm, document); });
  best.model.save(shard.transform(), document);
  store_state(run.history.best->model, document);
  document.set_attribute("/fit", "singular", std::int64_t{is_singular(best.model)});
  record_progress(history, units, best.result.stopped, document);
  record_restarts(run.history, units, history.weight, document);
  record_times(run, comm.seconds(), data.read_seconds, comm.size(), document);
  record_search(settings, components, document);
  {
    const TimedPhase timed(Phase::files);
    comm.on_root([&] { io::write_model_file(document, settings.output); });
    run.finish();
  }
  const auto times = profile.gather(comm);
  if (comm.is_root()) {
    log.end(document, settings.output);
    print_fit(document, Method::component_table(document), settings, times);
  }
  const bool converged = is_converged(best.result.stopped);
  return static_cast<int>(settings.require_convergence && !converged ? ExitCode::not_converged
                                                                     : ExitCode::success);
}

}  // namespace jensen::app
