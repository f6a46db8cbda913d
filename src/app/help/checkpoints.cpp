#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/registry.hpp"
#include "topics.hpp"

namespace jensen::app::help {
namespace {

std::vector<std::string> names_of(const std::vector<Option>& options, OptionKind kind) {
  std::vector<std::string> names;
  for (const Option& option : options) {
    if (option.kind == kind) names.push_back("--" + option.name);
  }
  return names;
}

}  // namespace

Page checkpoints_page() {
  FitSettings settings;
  const std::vector<Option> options = options_of(settings);
  std::vector<Row> fixed = {
      {"of every fit", fmt::to_string(fmt::join(names_of(options, OptionKind::result), " "))}};
  for (const auto& model : make_registry()) {
    const auto own = names_of(model->options(), OptionKind::result);
    if (!own.empty()) fixed.push_back({"of " + model->name(), fmt::to_string(fmt::join(own, " "))});
  }
  return Page()
      .paragraph(
          "A fit writes checkpoints as it runs. If it is killed or stopped, the same command goes on from "
          "the newest one, on the same number of ranks or another, and ends with the same bits as a fit that "
          "was never stopped.")
      .heading("writing")
      .rows({
          {"where", "in the directory --checkpoint, or OUTPUT.ckpt; one run at a time uses it"},
          {"when",
           "before the first update, then every --checkpoint-interval (one in time never takes more than 2 "
           "percent of it); and when a run stops. --log has the cost of each, and the time to the next"},
          {"what is kept",
           "the newest two, and for a moment three; for those, and for the result, there has to be room "
           "before the first update. At the end a directory that was named stays, OUTPUT.ckpt is removed"},
          {"heartbeat", "a file there, written every 5 s: stage, iteration, objective, last checkpoint"},
          {"jensen check DIR", "verifies the newest, and says where it would go on"},
      })
      .heading("going on")
      .rows({
          {"--resume auto", "from the newest that reads back whole; a broken one is passed over, and said"},
          {"--resume never", "refuses a directory that has checkpoints"},
          {"--resume FILE", "from this checkpoint"},
      })
      .heading("options that must be the same, and are refused with exit code 5 if not")
      .rows(fixed)
      .paragraph(
          "MODEL, the records and their weights must be the same too. On another type of CPU, or with "
          "another build, jensen says that bits may differ, and goes on.")
      .heading("options that may change from run to run")
      .rows({{"of every fit", fmt::to_string(fmt::join(names_of(options, OptionKind::run_control), " "))}})
      .paragraph(
          "The number of ranks may change too, and where the files lie. Once all fits have ended, other "
          "limits and tolerances change nothing. 'jensen help signals' says how a run is stopped in time.");
}

Page signals_page() {
  return Page()
      .paragraph(
          "With --deadline TIME a fit stops, with a checkpoint and exit code 75, so that it ends before TIME "
          "has passed since its start, or before that moment. It does the same after a signal:")
      .rows({
          {"SIGUSR1, SIGUSR2", "to the program, or to mpirun, which hands them on to every rank"},
          {"SIGTERM, SIGINT",
           "to the program where it runs alone or below srun; mpirun answers these itself, ends its ranks "
           "and returns 1, so that the newest checkpoint counts"},
      })
      .paragraph(
          "It then ends the iteration at hand, or breaks it off between two blocks once it has gone on for 5 "
          "s; the others of its ranks end theirs first where the signal has not reached them. Where signals "
          "do not arrive, a file does the same:")
      .rows({
          {"touch DIR/STOP", "in the directory of the checkpoints: a checkpoint, and exit code 75"},
          {"touch DIR/CHECKPOINT", "a checkpoint at the end of the iteration; the fit goes on"},
      })
      .paragraph(
          "They are looked for once a second, and removed. Where nothing moves for --watchdog TIME (or ten "
          "times the longest iteration), jensen says which ranks hang, and at what; it ends nothing.")
      .paragraph("A SLURM job that is put back into the queue until the fit is done:")
      .verbatim(
          "#SBATCH --time=08:00:00 --requeue\n"
          "mpirun jensen fit gmm data.h5 --components 50 -o model.h5 --deadline 7:50:00\n"
          "if [ $? -eq 75 ]; then scontrol requeue $SLURM_JOB_ID; fi\n")
      .paragraph("slurm/fit.sbatch, which comes with jensen, does so by a signal and for any time limit.");
}

}  // namespace jensen::app::help
