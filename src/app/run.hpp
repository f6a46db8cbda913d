#pragma once

#include <functional>
#include <string>
#include <vector>

#include "console.hpp"
#include "data_of.hpp"
#include "fit_log.hpp"
#include "fit_profile.hpp"
#include "fit_setup.hpp"
#include "jensen/core/error.hpp"
#include "jensen/fit/stages.hpp"
#include "jensen/io/lasting_run.hpp"
#include "jensen/io/model_file.hpp"
#include "jensen/io/safe_file.hpp"
#include "lasting.hpp"
#include "report.hpp"

namespace jensen::app {

template <class Method>
FitSettings default_settings() {
  FitSettings settings{.start = Method::kDefaultStart,
                       .tolerance = Method::kDefaultTolerance,
                       .output = std::string(Method::kName) + ".h5"};
  if constexpr (requires { Method::kDefaultComponents; }) settings.components = Method::kDefaultComponents;
  if constexpr (requires { Method::kDefaultRestarts; }) settings.restarts = Method::kDefaultRestarts;
  return settings;
}

/// The options of every fit, as this model takes them: those that make no sense for its data are hidden, and
/// refused where they are given. `settings` must outlive them.
template <class Method>
std::vector<Option> fit_options(FitSettings& settings) {
  std::vector<Option> options = options_of(settings, default_settings<Method>());
  for (Option& option : options) {
    if (option.name == "tolerance") option.help = Method::kToleranceMeaning;
  }
  DataOf<Method>::adapt(options, Method::kName);
  return options;
}

template <class Method>
using StartFunction =
    std::function<std::vector<Repair>(typename Method::Model&, const typename DataOf<Method>::StartRequest&)>;

/// `jensen fit`: read, start, fit from several starts, keep the best, write it, say what came out. What is
/// killed on the way goes on where its last checkpoint stands.
template <class Method>
int run_fit(const FitSettings& asked, typename Method::Options& options, const StartFunction<Method>& start,
            const std::string& input, const Communicator& comm) {
  using Model = typename Method::Model;
  using Data = DataOf<Method>;
  FitSettings settings = asked;
  FitProfile profile(settings.profile);
  const Index components = parse_components(settings.components);
  const NamedStart named_start = parse_start(settings.start, Data::kStarts);
  if (named_start.is_fixed()) settings.restarts = 1;
  Stopping stopping = make_stopping(settings);
  Method::set_tolerance(settings.tolerance, stopping);
  if constexpr (requires { Method::stopping_window(options); })
    stopping.window = Method::stopping_window(options);
  std::vector<Option> all_options = fit_options<Method>(settings);
  for (Option& option : options_of(options)) all_options.push_back(std::move(option));
  ProgressObserver progress(progress_style(settings.progress));
  comm.on_root([&] {
    keep_inputs(settings.output,
                {input, settings.weights, named_start.how == "model" ? "" : named_start.file});
    io::probe_directory_of(settings.output);
  });
  const auto info = Data::inspect(input, comm);
  Data::require_fitting_sizes(info, components, settings.block_rows);
  const Index sums = Data::template statistics_size<Method>(info, options, components);

  FitLog log(settings.log, comm);
  io::LastingOptions lasting = lasting_options(settings, comm);
  lasting.note = [&](const std::string& sentence) { progress.note(sentence), log.note(sentence); };
  lasting.written = [&](const io::CheckpointCost& cost) { log.checkpoint(cost); };
  io::LastingRun run(lasting, comm);
  if (run.checkpoint() != nullptr) require_same_options(*run.checkpoint(), Method::kName, all_options);
  if (comm.is_root()) {
    run.observers.insert(run.observers.end(), {&progress, &log});
    if (!settings.json) {
      announce_fit({.model = Method::kName,
                    .summary = Method::kSummary,
                    .options = options_of(options),
                    .tolerance_meaning = Method::kToleranceMeaning,
                    .data = Data::describe(info, settings.block_rows),
                    .nouns = Data::kNouns,
                    .memory = Data::estimate_memory(info, settings, sums, comm.size()),
                    .ranks = comm.size()},
                   settings);
    }
  }

  const auto data = time_whole(Phase::reading, [&] { return Data::load(info, settings, options, comm); });
  const auto warn = [&](const std::string& warning) {
    if (comm.is_root()) lasting.note("warning: " + warning);
  };
  const auto space = Data::template space_of<Method>(info, data, options, settings, components, warn, comm);
  const auto shard = Data::shard_in(space, data);
  Document header = Data::header(data);
  record_config(Method::kName, info.name(), all_options, header);
  run.begin(header);
  typename Data::Given given;
  if (run.checkpoint() == nullptr) given = Data::read_start(named_start, components, shard, comm);

  const auto make_fresh = [&](Index, std::uint64_t seed) {
    return Data::template make<Method>(options, components, space, seed);
  };
  const auto make_start = [&](Model& model, Index restart, std::uint64_t seed) {
    const StartOccasion occasion{.seed = seed,
                                 .restart = restart,
                                 .restarts = settings.restarts,
                                 .max_iterations = settings.max_iterations,
                                 .run = &run};
    return start(model, Data::start_request(named_start, given, components, shard, space, comm, occasion));
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
  save_parameters(best.model, shard, document);
  store_state(run.history.best->model, document);
  document.set_attribute("/fit", "singular", std::int64_t{is_singular(best.model)});
  record_progress(history, units, best.result.stopped, document);
  time_whole(Phase::other, [&] { Method::evaluate(best.model, options, shard, comm, document); });
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
    print_fit(document, Method::component_table(document), Data::kNouns, settings, times);
  }
  const bool converged = is_converged(best.result.stopped);
  return static_cast<int>(settings.require_convergence && !converged ? ExitCode::not_converged
                                                                     : ExitCode::success);
}

}  // namespace jensen::app
