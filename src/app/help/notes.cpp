#include "notes.hpp"

#include "app/registry.hpp"
#include "topics.hpp"

namespace jensen::app::help {

Page fit_model_notes() {
  return Page().paragraph(
      "INPUT is FILE.h5[:/dataset], records x features; 'jensen import' makes one from a text table or a "
      "NumPy array. For models of documents it is a corpus, FILE.h5[:/group] ('jensen help corpora'). "
      "'jensen "
      "help' has pages on starts, covariance, config, checkpoints, signals and "
      "exit-codes.");
}

Page fit_notes() {
  std::vector<Row> models;
  for (const auto& model : make_registry()) models.push_back({model->name(), model->summary()});
  return fit_model_notes().heading("models").rows(models).paragraph(
      "'jensen fit MODEL --help' lists the options of a model too.");
}

Page check_notes() {
  return Page().heading("checks").rows({
      {"header, length, SHA-256", "the file is as it was written"},
      {"content, schema", "it holds a model that this jensen knows, and nothing lacks"},
      {"numbers, data", "they are finite; features, their names and coordinates go together"},
      {"parameters", "weights add up to 1, covariances are positive definite"},
      {"state, agreement", "the saved state can be used, and is the same model as the parameters"},
      {"sizes, trace", "they add up to the total weight; the last objective is that of the fit"},
      {"resume", "of a checkpoint: where it would go on"},
  });
}

Page import_notes() {
  return Page().paragraph(
      "--delimiter and --header are for text tables alone, --columns and --float32 for tables and arrays; "
      "'jensen help corpora' says how documents may be written down.");
}

Page help_notes() {
  return topics_page().heading("forms").rows({
      {"jensen help", "the commands, models, topics and exit codes"},
      {"jensen help COMMAND", "the same as jensen COMMAND --help"},
      {"jensen help fit MODEL", "the same as jensen fit MODEL --help"},
      {"jensen help config MODEL", "a complete config file, with comments and defaults"},
      {"jensen help --man", "the man page: jensen help --man | man -l -"},
      {"jensen help --completion", "for bash: source <(jensen help --completion)"},
  });
}

}  // namespace jensen::app::help
