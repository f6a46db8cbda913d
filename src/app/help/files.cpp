#include "topics.hpp"

namespace jensen::app::help {

Page files_page() {
  return Page()
      .paragraph(
          "All files are HDF5. Files with 'jensen' in the attribute 'format' have a version too. K "
          "components count from 0; D features; N records.")
      .heading("input, FILE.h5 or FILE.h5:/dataset")
      .rows({
          {"/data",
           "N x D, float64, float32 or integers; the name matters only if the file has several data sets"},
          {"feature_names", "attribute of the data set: D texts; optional"},
          {"/weights", "as --weights /weights: N numbers, 0 or more; any name"},
          {"/corpus", "documents: 'jensen help corpora'"},
      })
      .heading("model files, written by fit")
      .rows({
          {"/parameters",
           "of gmm and bayes-gmm: weights (K), means (K x D), covariances, and volume, shape and orientation "
           "of these (of bayes-gmm: expected weights, and inverses of expected precisions); of kmeans: "
           "centroids (K x D); in units of the data; of lda: topics (K x V, what topics say of words), "
           "topics_dirichlet, alpha, eta"},
          {"/posterior, /prior",
           "of bayes-gmm: effective records, mean precisions (beta) and degrees of freedom (nu) of each "
           "component; the prior's, its mean and the inverse of its Wishart scale matrix"},
          {"/fit", "attributes: objective, converged, stop_reason, criteria, times ..."},
          {"/fit/trace", "objective, gain and time of each iteration of the best fit"},
          {"/fit/decomposition",
           "with --decompose: log_likelihood, elbo, kl_divergence, expected_log_joint (Q) and entropy (of q) "
           "after each e_step and m_step of the best fit, nats; of an m_step also the gains, the rounding "
           "that they may have, and whether it is exempt from ascent"},
          {"/fit/restarts", "seed, iterations, objective and end of each start"},
          {"/fit/sizes", "expected records of each component, or tokens of each topic"},
          {"/config", "attributes: every option, as it was used, the model and the input"},
          {"/data",
           "source, records, features; feature_names; of documents: documents, vocabulary_size, entries, "
           "tokens; vocabulary"},
          {"/fingerprint", "hash of the records and weights"},
          {"/preprocess", "shift and scale of the coordinates that were fitted"},
          {"/search", "one row on this fit, with the columns of a table of several"},
          {"/state", "what the program needs to use the model, to the last bit"},
      })
      .heading("checkpoints, checkpoint-NUMBER.h5 in the directory of a run")
      .rows({
          {"as a model file",
           "/parameters, /fit, /config, /data, /preprocess: of the fit that was going on; 'info', 'check', "
           "'plot', 'predict' and '--start model:' take a checkpoint too"},
          {"/state/progress",
           "of the fit going on: attributes t (updates so far), objective (of these parameters; -inf: its "
           "pass "
           "was broken off), weight, magnitude (of the objective's terms), repaired_steps, "
           "last_step_repaired, falls, fell; objectives and elapsed_seconds (t each), changes (t), repairs"},
          {"/state/run",
           "attributes stage ('k-means' or 'fit'), restart, restarts, failed and first_failure (of "
           "restarts), "
           "ended (all are), seconds and resumes (of the run), stage_seconds; restarts: restart, seed, "
           "objective, iterations, stopped, singular, elapsed_seconds of those before it"},
          {"/state/best", "the best fit so far, whole"},
          {"/fingerprint", "hash of the data, and of a small computation that tells CPU types apart"},
      })
      .heading("results")
      .rows({
          {"predict",
           "/labels (N); of gmm and bayes-gmm /log_density and /uncertainty, with --responsibilities also "
           "/responsibilities (N x K); of kmeans /squared_distance; of lda /mixtures (N x K: the topics of "
           "each document), /bound (nats) and /tokens"},
          {"predict of advi",
           "/mean and /mean_sd of what is expected of the response; where it has classes, their names "
           "/classes (C), which /labels number from 0, and with --responsibilities /probabilities (N x C); "
           "of mixtures /uncertainty, and the same of components"},
          {"score -o", "the same without labels and responsibilities; of advi /log_density (nats)"},
          {"sample",
           "/data (N x D), which can be fitted again; /labels, the component of each record; of lda /corpus, "
           "and /mixtures (N x K)"},
          {"sample of advi",
           "/draws of parameters (n x parameters); with --predictive /data, or /responses (N x n): column s "
           "is drawn given the parameters that are row s of /draws of the same seed"},
      })
      .paragraph(
          "Files are written beside their place under another name, and renamed when whole: a file that is "
          "there is never half of one. Model files and checkpoints begin with the SHA-256 of their content, "
          "which is compared each time that one is read.");
}

}  // namespace jensen::app::help
