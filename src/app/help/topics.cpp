#include "topics.hpp"

#include <array>

namespace jensen::app::help {
namespace {

constexpr std::array kTopics = {
    Topic{"files", "what input, model files, results and checkpoints hold", &files_page},
    Topic{"corpora", "documents: how they lie in files, and what they are imported from", &corpora_page},
    Topic{"checkpoints", "how a run that was stopped or killed goes on", &checkpoints_page},
    Topic{"signals", "how a run is stopped in time, by a deadline or a signal; SLURM", &signals_page},
    Topic{"starts", "where a fit begins", &starts_page},
    Topic{"covariance", "the families of covariance matrices of gmm", &covariance_page},
    Topic{"config", "options in a file", &config_page},
    Topic{"bits", "what is the same, bit for bit", &bits_page},
    Topic{"exit-codes", "what the exit codes mean", &exit_codes_page},
};

}  // namespace

std::span<const Topic> topics() {
  return kTopics;
}

Page topics_page() {
  std::vector<Row> rows;
  for (const Topic& topic : kTopics) rows.push_back({topic.name, topic.summary});
  return Page().heading("topics").rows(rows);
}

}  // namespace jensen::app::help
