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
      {"directory", "of one: which of its checkpoints 'fit --resume auto' goes on from"},
      {"header, length, SHA-256", "the file is as it was written"},
      {"content, schema", "it holds a model that this jensen knows, and nothing lacks"},
      {"numbers, data", "they are finite; features, their names and coordinates go together"},
      {"parameters", "weights add up to 1, covariances are positive definite"},
      {"state, agreement", "the saved state can be used, and is the same model as the parameters"},
      {"sizes, trace", "they add up to the total weight; the last objective is that of the fit"},
      {"resume", "of a checkpoint: where it would go on"},
  });
}

Page compare_notes() {
  return Page()
      .paragraph(
          "P and Q may be two mixtures (gmm, bayes-gmm), two tables, or a model and data in either order. "
          "Divergences of mixtures are estimated from records drawn from both, with standard errors; "
          "beside them stand what closed forms say of Gaussian mixtures: an approximation and an upper bound "
          "(Hershey and Olsen 2007) and bounds from both sides (Durrieu, Thiran and Kelly 2012). One "
          "component "
          "against one is exact. A Bayesian mixture stands for its posterior predictive density. Numbers are "
          "the same on any number of ranks.")
      .heading("forms")
      .rows({
          {"jensen compare P.h5 Q.h5", "divergences of two mixtures; of topic models (lda), topic by topic"},
          {"jensen compare P.h5 Q.h5 --data X.h5",
           "which of two models says more of these records or documents: the difference of their "
           "log-likelihoods (of lda: bounds) with its standard error"},
          {"jensen compare X.h5 MODEL.h5",
           "the cross-entropy of records or documents and a model: minus the average log-likelihood"},
          {"jensen compare table:.7,.3 table:.5,.5", "two discrete distributions"},
          {"jensen compare table:X.h5:/p table:X.h5:/q", "the same from data sets of one dimension"},
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
