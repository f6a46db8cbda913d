"""The faults that are planted into jensen, one at a time, to see that its tests catch them.

A fault is what a careless colleague might write: edits of one source file, and the tests that must turn red. Old
texts must occur exactly once in the source, so that no fault rots silently. Leaving a line out of a model's
`describe` is a fault for every line that there is; these are not listed but found in the sources.
"""

import re
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]

SAME_BITS = "the same bits on any number of ranks"
NO_FIT_LOST = "no fit is lost"
RIGHT_NUMBERS = "the numbers are right"
SAYS_WHAT_IS_WRONG = "it says what is wrong"


class Rotten(Exception):
    """A fault that cannot be planted any more."""


@dataclass(frozen=True)
class Fault:
    name: str
    promise: str
    source: str  # the one file that is altered
    program: str  # the test program that is linked with the altered file
    tests: str  # which of its tests must turn red, as Catch2 takes them: a comma is an "or"
    edits: tuple = ()  # pairs of old and new text
    ranks: int = 0  # 0: without mpirun
    field: str = ""  # of a model's state, where that is what is left out

    @property
    def build(self):
        """Name of the altered program; fields of one class share one, and a variable says which is left out."""
        return "describe_" + Path(self.source).stem if self.field else self.name


def edit(old, new=""):
    return (old, new)


VOTES = "  return {first.digits[0], first.digits[1], first.digits[2], second.digits[0]};"

LISTED = [
    Fault(
        "rank_ordered_sum",
        SAME_BITS,
        "src/fit/accumulate.cpp",
        "mpi_tests",
        "[bits]",
        ranks=3,
        edits=(
            edit(
                "  comm.merge(travelling);\n  total.load(0, sums);\n",
                "  comm.merge(travelling);\n"
                "  std::vector<double> values(count);\n"
                "  total.round_into(0, values);\n"
                "  const std::vector<double> all = comm.all_gather(std::span<const double>(values));\n"
                "  values.assign(values.size(), 0.0);\n"
                "  for (std::size_t i = 0; i < all.size(); ++i) values[i % values.size()] += all[i];\n"
                "  total.clear();\n"
                "  total.add(0, values);\n",
            ),
        ),
    ),
    Fault(
        "owners_without_the_others_sums",
        SAME_BITS,
        "src/fit/owners.cpp",
        "mpi_tests",
        "owners of components give the bits of the plain fit",
        ranks=3,
        edits=(edit("  comm_.merge_slices(travelling, begins(each, 0));\n"),),
    ),
    Fault(
        "parts_from_the_wrong_sums",
        SAME_BITS,
        "src/fit/owners.cpp",
        "mpi_tests",
        "owners of components give the bits of the plain fit",
        ranks=3,
        edits=(edit("subspan(first, count));\n  merged", "subspan(0, count));\n  merged"),),
    ),
    Fault(
        "lone_rank_not_merged",
        SAME_BITS,
        "src/comm/slices.cpp",
        "mpi_tests",
        "[merge]",
        ranks=3,
        edits=(
            edit(
                "      ExactSum::merge_elements(received, own);\n",
                "      if (from == level.partner) ExactSum::merge_elements(received, own);\n",
            ),
        ),
    ),
    Fault(
        "error_of_another_part",
        SAYS_WHAT_IS_WRONG,
        "src/fit/owners.cpp",
        "mpi_tests",
        "an error in one part is thrown on every rank*",
        ranks=3,
        edits=(
            edit(
                "for (int slice = comm_.size() - 1; slice >= 0; --slice) {",
                "for (int slice = 0; slice < comm_.size(); ++slice) {",
            ),
        ),
    ),
    Fault(
        "start_keyed_by_rank",
        SAME_BITS,
        "src/init/seeding.cpp",
        "mpi_tests",
        "[seeding]",
        ranks=3,
        edits=(
            edit(
                "Stream(seed, Purpose::seeding, record, ",
                "Stream(seed, Purpose::seeding, record - shard.partition().first_record(), ",
            ),
        ),
    ),
    Fault(
        "candidates_keyed_by_rank",
        SAME_BITS,
        "src/init/seeding.cpp",
        "mpi_tests",
        "[seeding]",
        ranks=3,
        edits=(
            edit(
                "Purpose::oversampling, block.first_record + row,",
                "Purpose::oversampling, block.first_record - shard.partition().first_record() + row,",
            ),
        ),
    ),
    Fault(
        "unchecked_resume",
        NO_FIT_LOST,
        "src/fit/fit.cpp",
        "mpi_tests",
        "a state that evaluates to other bits is refused on every rank alike",
        ranks=2,
        edits=(
            edit(
                "if (std::bit_cast<std::uint64_t>(before) == std::bit_cast<std::uint64_t>(after)) return;",
                "if (std::abs(before - after) <= 1e-12 * std::abs(before)) return;",
            ),
        ),
    ),
    Fault(
        "falls_left_out_of_snapshots",
        NO_FIT_LOST,
        "src/fit/history.cpp",
        "unit_fit",
        "A snapshot comes back with every bit of every field",
        edits=(edit('  progress.falls = document.integer_attribute(group, "falls");\n', ""),),
    ),
    Fault(
        "one_generation_kept",
        NO_FIT_LOST,
        "src/io/checkpoint_directory.cpp",
        "unit_io",
        "checkpoints are numbered from 0 on*",
        edits=(edit("if (sequence == latest_ || sequence == before_ ||", "if (sequence == latest_ ||"),),
    ),
    Fault(
        "withheld_checkpoint_removed",
        NO_FIT_LOST,
        "src/io/checkpoint_directory.cpp",
        "unit_io",
        "a checkpoint that cannot be read now*",
        edits=(edit(" || unreadable_.contains(sequence)"),),
    ),
    Fault(
        "begun_stage_lost",
        NO_FIT_LOST,
        "src/io/lasting_run.cpp",
        "mpi_tests",
        "the first pass of a stage is broken off*",
        ranks=2,
        edits=(edit("if (checkpoint_ && evaluations_ == 0) return;", "if (report.now.t == 0) return;"),),
    ),
    Fault(
        "silent_new_start",
        NO_FIT_LOST,
        "src/io/checkpoint_directory.cpp",
        "unit_io",
        "where no checkpoint is whole*",
        edits=(edit("  if (all.empty()) return {};\n", "  if (!latest_) return {};\n"),),
    ),
    Fault(
        "swallowed_stop_vote",
        NO_FIT_LOST,
        "src/fit/accumulate.cpp",
        "mpi_tests",
        "all ranks learn what each other voted",
        ranks=3,
        edits=(edit(VOTES, "  return {first.digits[0], mine.stop, first.digits[2], second.digits[0]};"),),
    ),
    Fault(
        "swallowed_checkpoint_vote",
        NO_FIT_LOST,
        "src/fit/accumulate.cpp",
        "mpi_tests",
        "all ranks learn what each other voted",
        ranks=3,
        edits=(edit("{mine.checkpoint_due, total.non_finite_count(), 0}", "{0, total.non_finite_count(), 0}"),),
    ),
    Fault(
        "swallowed_interruption",
        NO_FIT_LOST,
        "src/fit/accumulate.cpp",
        "mpi_tests",
        "all ranks learn how many broke off their pass",
        ranks=3,
        edits=(edit(VOTES, "  return {mine.incomplete, first.digits[1], first.digits[2], second.digits[0]};"),),
    ),
    Fault(
        "swallowed_error_vote",
        SAYS_WHAT_IS_WRONG,
        "src/fit/accumulate.cpp",
        "mpi_tests",
        "an error in a pass of one rank is thrown alike on all",
        ranks=3,
        edits=(edit("{mine.incomplete, mine.stop, mine.local_error}", "{mine.incomplete, mine.stop, 0}"),),
    ),
    Fault(
        "stale_norms",
        RIGHT_NUMBERS,
        "src/models/kmeans/search.cpp",
        "unit_models",
        "The inertia never rises*,One cluster is the mean*,k-means goes on*",
        edits=(edit("  auto next = std::make_shared", "  if (now_ != nullptr) return;\n  auto next = std::make_shared"),),
    ),
    Fault(
        "stale_labels",
        RIGHT_NUMBERS,
        "src/models/kmeans/search.cpp",
        "reference_tests",
        "Three clusters of iris have the known sizes and centres",
        edits=(
            edit(
                "    if (label != known) {\n",
                "    if (memory.seen != nullptr) continue;\n    if (label != known) {\n",
            ),
        ),
    ),
    Fault(
        "bounds_without_drift",
        RIGHT_NUMBERS,
        "src/models/kmeans/search.cpp",
        "unit_models",
        "By bounds and without*",
        edits=(edit("const float drifted = lowers[n] - other_drifts[labels[n]],", "const float drifted = lowers[n] - 0 * other_drifts[labels[n]],"),),
    ),
    Fault(
        "bounds_without_rounding",
        RIGHT_NUMBERS,
        "src/models/kmeans/search.cpp",
        "unit_models",
        "Bounds allow for what rounding takes from a distance",
        edits=(
            edit("error = positions.score_error(0), slope = positions.score_error(1) - error;", "error = 0, slope = 0;"),
            edit("slack = static_cast<double>(positions.features() + 8) * 0x1p-52;", "slack = 0;"),
        ),
    ),
    Fault(
        "labels_told_without_rounding",
        RIGHT_NUMBERS,
        "src/models/kmeans/search.cpp",
        "unit_models",
        "Bounds allow for scores that tell centroids apart wrongly",
        edits=(edit("rounded_up(4 * error) * kUp;", "rounded_up(0 * error) * kUp;"),),
    ),
    Fault(
        "sums_of_untouched_clusters",
        RIGHT_NUMBERS,
        "src/models/kmeans/search.cpp",
        "unit_models",
        "By bounds and without*",
        edits=(edit("      found.touched[static_cast<std::size_t>(known)] = 1;\n"),),
    ),
    Fault(
        "stale_factor",
        RIGHT_NUMBERS,
        "src/models/gmm/gmm.cpp",
        "reference_tests",
        "The log-likelihoods of the first E-steps are mclust's",
        edits=(
            edit(
                "void GaussianMixture::prepare(Index) {\n",
                "void GaussianMixture::prepare(Index t) {\n  if (t > 0) return prepare_joined();\n",
            ),
        ),
    ),
    Fault(
        "dropped_constant",
        RIGHT_NUMBERS,
        "src/models/gmm/gmm.cpp",
        "reference_tests",
        "The log-likelihoods of the first E-steps are mclust's",
        edits=(
            edit(
                "0.5 * static_cast<double>(features()) * std::log(2 * std::numbers::pi) - root.log_determinant;\n",
                "-root.log_determinant;\n",
            ),
        ),
    ),
    Fault(
        "dropped_scale",
        RIGHT_NUMBERS,
        "src/models/gmm/gmm.cpp",
        "reference_tests",
        "The log-likelihoods of the first E-steps are mclust's",
        edits=(edit("log_scale_(transform.log_scale())", "log_scale_(0)"),),
    ),
    Fault(
        "wrong_logarithm_in_bic",
        RIGHT_NUMBERS,
        "src/models/gmm/method.cpp",
        "reference_tests",
        "BIC and AIC are mclust's",
        edits=(edit("parameters * std::log(parts.weight)", "parameters * std::log10(parts.weight)"),),
    ),
    Fault(
        "miscounted_parameters",
        RIGHT_NUMBERS,
        "src/models/mixture/family.cpp",
        "unit_models",
        "Free parameters are counted by family",
        edits=(edit("letters[2], features * (features - 1) / 2", "letters[2], features * (features + 1) / 2"),),
    ),
    Fault(
        "dropped_part_of_divergence",
        RIGHT_NUMBERS,
        "src/models/bayes_gmm/bayes_gmm.cpp",
        "reference_tests",
        "One component's ELBO on iris is the log evidence",
        edits=(edit("(beta0 / beta - 1 + std::log(beta / beta0))", "(beta0 / beta + std::log(beta / beta0))"),),
    ),
    Fault(
        "skipped_file_fsync",
        NO_FIT_LOST,
        "src/io/temporary_file.cpp",
        "unit_io",
        "[durability]",
        edits=(
            edit('  if (JENSEN_FAIL_CALL("sync", ::fsync(file.number())) != 0) throw system_error("force to disk", path_);\n'),
        ),
    ),
    Fault(
        "fsync_tried_again",
        NO_FIT_LOST,
        "src/io/temporary_file.cpp",
        "unit_io",
        "[durability]",
        edits=(
            edit(
                'if (JENSEN_FAIL_CALL("sync", ::fsync(file.number())) != 0) throw',
                "if (::fsync(file.number()) != 0 && ::fsync(file.number()) != 0) throw",
            ),
        ),
    ),
    Fault(
        "skipped_directory_fsync",
        NO_FIT_LOST,
        "src/io/temporary_file.cpp",
        "unit_io",
        "[durability]",
        edits=(
            edit(
                '  if (JENSEN_FAIL_CALL("sync-directory", ::fsync(folder.number())) != 0 && errno != EINVAL)\n'
                '    throw system_error("force to disk", directory());\n'
            ),
        ),
    ),
    Fault(
        "skipped_import_fsync",
        NO_FIT_LOST,
        "src/io/import_hdf5_writer.cpp",
        "unit_io",
        "[durability]",
        edits=(edit("  if (::fsync(descriptor_) != 0) fail(std::strerror(errno));\n"),),
    ),
    Fault(
        "skipped_import_directory_fsync",
        NO_FIT_LOST,
        "src/io/import_hdf5_writer.cpp",
        "unit_io",
        "[durability]",
        edits=(edit("directory >= 0 && (::fsync(directory) == 0 || errno == EINVAL);", "directory >= 0;"),),
    ),
    Fault(
        "time_in_the_file",
        SAME_BITS,
        "src/io/import_hdf5_dataset.cpp",
        "unit_io",
        "the same content gives the same file*",
        edits=(edit("  check(H5Pset_obj_track_times(list, false));\n"),),
    ),
    Fault(
        "unread_file",
        NO_FIT_LOST,
        "src/io/safe_file.cpp",
        "unit_io",
        "[durability]",
        edits=(edit("  require_content(temporary.path(), bytes);\n"),),
    ),
    Fault(
        "unread_results",
        NO_FIT_LOST,
        "src/io/results_output.cpp",
        "unit_io",
        "[durability]",
        edits=(edit("  verify();\n  temporary_.publish();\n", "  temporary_.publish();\n"),),
    ),
    Fault(
        "unchecked_hash",
        NO_FIT_LOST,
        "src/io/model_file.cpp",
        "unit_io",
        "refusals of model files say what differs",
        edits=(edit("hash != header.payload_hash", "payload.size() != header.payload_bytes"),),
    ),
    Fault(
        "record_numbered_in_its_piece",
        SAYS_WHAT_IS_WRONG,
        "src/io/record_scan.cpp",
        "unit_io",
        "values that are not finite are refused by record and feature",
        edits=(edit("not_finite_.add({first_record + row, d})", "not_finite_.add({row, d})"),),
    ),
    Fault(
        "sentence_of_one_rank",
        SAYS_WHAT_IS_WRONG,
        "src/comm/communicator.cpp",
        "mpi_tests",
        "an error on any one rank is thrown alike on all",
        ranks=3,
        edits=(edit("  broadcast(text, first);\n"),),
    ),
    Fault(
        "untyped_error",
        SAYS_WHAT_IS_WRONG,
        "src/comm/communicator.cpp",
        "mpi_tests",
        "an agreed error keeps its type",
        ranks=3,
        edits=(edit("  throw_error(static_cast", "  throw Error(static_cast"),),
    ),
    Fault(
        "blocks_of_documents_by_slice",
        SAME_BITS,
        "src/data/count_partition.cpp",
        "mpi_tests",
        "a corpus is the same on any number of ranks",
        ranks=3,
        edits=(edit("    if (rule.begins_block(", "    if (starts.empty() || rule.begins_block("),),
    ),
    Fault(
        "fingerprint_without_document_numbers",
        NO_FIT_LOST,
        "src/io/count_scan.cpp",
        "unit_io",
        "the fingerprint follows every part of a corpus",
        edits=(edit("mix_into_lanes(document_, hash_)", "mix_into_lanes(0, hash_)"),),
    ),
    Fault(
        "words_twice_in_a_document",
        SAYS_WHAT_IS_WRONG,
        "src/io/count_scan.cpp",
        "unit_io",
        "entries that do not fit are refused*",
        edits=(edit("  if (last_document_[static_cast<std::size_t>(word)] == document_) return Kind::repeated;\n"),),
    ),
    Fault(
        "corpus_unread",
        NO_FIT_LOST,
        "src/io/write_corpus.cpp",
        "unit_io",
        "[durability]",
        edits=(edit("  if (same) return;\n", "  if (same || !words.empty()) return;\n"),),
    ),
    Fault(
        "draws_keyed_by_rank",
        SAME_BITS,
        "src/models/mixture/divergence.cpp",
        "mpi_tests",
        "divergences of mixtures have the bits of a serial estimate",
        ranks=3,
        edits=(
            edit(
                "estimates.draws, end, comm.rank(), comm.size());",
                "estimates.draws + comm.rank(), end + comm.rank(), comm.rank(), comm.size());",
            ),
        ),
    ),
    Fault(
        "divergence_bound_without_entropy",
        RIGHT_NUMBERS,
        "src/models/mixture/divergence_bounds.cpp",
        "unit_models",
        "estimates and bounds of mixtures agree with an integral",
        edits=(edit("mean(log_overlap(p, p) - like_q + entropy)", "mean(log_overlap(p, p) - like_q)"),),
    ),
    Fault(
        "matching_without_weights",
        RIGHT_NUMBERS,
        "src/models/mixture/divergence_bounds.cpp",
        "unit_models",
        "the variational upper bound is the least over all ways to match components",
        edits=(edit("phi.col(b) * (omega[b] / sum);", "phi.col(b) / sum / omega.size();"),),
    ),
    Fault(
        "nameless_file",
        SAYS_WHAT_IS_WRONG,
        "src/io/temporary_file.cpp",
        "unit_io",
        "[durability]",
        edits=(edit("what, file.string(), std::strerror(", "what, file.extension().string(), std::strerror("),),
    ),
    Fault(
        "entropy_of_the_other_sign",
        RIGHT_NUMBERS,
        "src/fit/decomposition.cpp",
        "unit_models",
        "Random fits of every family*",
        edits=(edit("parts.entropy -= ", "parts.entropy += "),),
    ),
    Fault(
        "entropy_without_a_logarithm",
        RIGHT_NUMBERS,
        "src/fit/decomposition.cpp",
        "unit_models",
        "Random fits of every family*",
        edits=(edit("parts.entropy -= q.values[k] * q.logs[k]", "parts.entropy -= q.values[k] * q.values[k]"),),
    ),
    Fault(
        "normaliser_of_one_feature",
        RIGHT_NUMBERS,
        "src/models/kmeans/hard_mixture.cpp",
        "unit_models",
        "k-means is hard EM*",
        edits=(edit("-0.5 * static_cast<double>(d) * std::log(", "-0.5 * std::log("),),
    ),
    Fault(
        "log_jacobian_of_equal_rows",
        RIGHT_NUMBERS,
        "src/models/advi/constraint_cholesky.cpp",
        "unit_models",
        "The log-Jacobian is the logarithm of the determinant of numeric derivatives",
        edits=(edit("static_cast<double>(i + 1 - j)", "2 + 0 * static_cast<double>(i + 1 - j)"),),
    ),
    Fault(
        "order_statistics_off_by_half",
        RIGHT_NUMBERS,
        "src/core/pareto_smoothing.cpp",
        "unit_core",
        "Smoothed weights and k-hat are those of the R package loo",
        edits=(edit("(static_cast<double>(i) + 0.5) / count", "static_cast<double>(i) / count"),),
    ),
    Fault(
        "metropolis_that_keeps_adapting",
        RIGHT_NUMBERS,
        "src/core/metropolis.cpp",
        "unit_core",
        "Metropolis finds a banana",
        edits=(
            edit(
                "if (t < plan.warm_up) {\n        proposal.adapt(t, state, probability);\n      } else if (",
                "proposal.adapt(t, state, probability);\n      if (t >= plan.warm_up && ",
            ),
        ),
    ),
    Fault(
        "pass_that_mixes_up_points",
        RIGHT_NUMBERS,
        "src/models/advi/points_pass.cpp",
        "unit_models",
        "a pass sums values and gradients of any number of points over all blocks",
        edits=(edit("sums.gradients()(i, chunk.first + s) +=", "sums.gradients()(i, s) +="),),
    ),
    Fault(
        "scores_without_their_weights",
        RIGHT_NUMBERS,
        "src/models/advi/points_pass.cpp",
        "unit_models",
        "products of scores are those of each record's gradient",
        edits=(edit("block.weight(n) * score *", "score *"),),
    ),
    Fault(
        "laplace_at_a_limit",
        SAYS_WHAT_IS_WRONG,
        "src/models/advi/laplace.cpp",
        "unit_models",
        "separable responses have no maximum of the likelihood*",
        edits=(edit("constexpr double kLeastFall = 0.05;", "constexpr double kLeastFall = -1;"),),
    ),
    Fault(
        "mixture_scales_pulled_by_sums",
        RIGHT_NUMBERS,
        "src/models/advi/targets/mixture.cpp",
        "unit_models",
        "a mixture with its labels summed out is its definition",
        edits=(edit("get(seconds(i)) - get(sizes(k))", "get(seconds(i)) - get(firsts(i))"),),
    ),
    Fault(
        "mixture_that_counts_absent_records",
        RIGHT_NUMBERS,
        "src/models/advi/targets/mixture.cpp",
        "unit_models",
        "a mixture with its labels summed out is its definition",
        edits=(edit("      if (weight == 0) continue;\n", ""),),
    ),
    Fault(
        "responses_by_place_in_block",
        SAME_BITS,
        "src/models/advi/targets/regression_predictive.cpp",
        "unit_models",
        "a response follows from its record's number and its draw's alone",
        edits=(edit("const Index record = block.features.first_record + n;", "const Index record = n;"),),
    ),
    Fault(
        "predictive_mean_of_logarithms",
        RIGHT_NUMBERS,
        "src/models/advi/predictive.cpp",
        "unit_models",
        "a predictive density is the mean of densities over draws of q",
        edits=(edit("largest_ + std::log(sum_ / static_cast<double>(count_))", "largest_ + sum_ / static_cast<double>(count_) - 1"),),
    ),
    Fault(
        "factors_without_digits",
        SAYS_WHAT_IS_WRONG,
        "src/models/advi/targets/factor_analysis.cpp",
        "unit_models",
        "noise too small for the digits of a double is NaN*",
        edits=(edit("constexpr double kMostRounding = 1e-4;", "constexpr double kMostRounding = 1e4;"),),
    ),
    Fault(
        "loadings_of_another_prior",
        RIGHT_NUMBERS,
        "src/models/advi/targets/factor_analysis.cpp",
        "unit_models",
        "the prior of W is that of independent normals turned around",
        edits=(edit("static_cast<double>(factors() - d)", "static_cast<double>(d + 1)"),),
    ),
    Fault(
        "parts_by_block",
        RIGHT_NUMBERS,
        "src/models/advi/subsample.cpp",
        "unit_models",
        "a part of the records says what these say alone",
        edits=(edit("if (!subsample.contains(block.features.first_record + n)) continue;", "if (!subsample.contains(n)) continue;"),),
    ),
    Fault(
        "information_of_a_normal",
        RIGHT_NUMBERS,
        "src/models/advi/targets/regression_information.cpp",
        "unit_models",
        "the information that is expected is that of all responses there can be",
        edits=(edit("(nu + 1) / (nu + 3) * inverse", "inverse"),),
    ),
    Fault(
        "bernstein_von_mises_without_evidence",
        RIGHT_NUMBERS,
        "src/models/advi/bernstein_von_mises.cpp",
        "recovery_tests",
        "distances of a normal posterior are those in closed form",
        edits=(edit("log_p[at] - smoothed.log_mean_ratio - normal", "log_p[at] - normal"),),
    ),
]

DESCRIBE = re.compile(r"^void \w+::describe\(Archive& archive\) \{\n(.*?)^\}\n", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r'^  archive\("(\w+)", .*\);$', re.MULTILINE)


def describing_sources():
    """Sources of the models whose state has fields, relative to the repository."""
    for header in sorted((SOURCE / "include/jensen/models").rglob("*.hpp")):
        if re.search(r"describe\(Archive& \w+\) (const )?\{", header.read_text()):
            raise Rotten(f"'{header.relative_to(SOURCE)}' defines a describe (must stand in the .cpp to be altered)")
    sources = sorted((SOURCE / "src/models").rglob("*.cpp"))
    return [str(path.relative_to(SOURCE)) for path in sources if "::describe(Archive&" in path.read_text()]


def describe_of(source):
    """The body of `describe` in the source, and the fields that it lists."""
    text = (SOURCE / source).read_text()
    bodies = DESCRIBE.findall(text)
    if len(bodies) != 1:
        raise Rotten(f"'{source}' has {len(bodies)} describe functions that can be altered (must be 1)")
    fields = FIELD.findall(bodies[0])
    if bodies[0].count("archive(") != len(fields):
        raise Rotten(f"describe in '{source}' has a line that is not archive(\"name\", field); as faults.py needs it")
    return bodies[0], fields


def left_out(source):
    """A fault for each field of the state."""
    model = Path(source).stem
    return [
        Fault(f"left_out_{model}_{field}", NO_FIT_LOST, source, "unit_models", "[resume]", field=field)
        for field in describe_of(source)[1]
    ]


def all_faults():
    return LISTED + [fault for source in describing_sources() for fault in left_out(source)]


def find(name):
    return next(fault for fault in all_faults() if fault.name == name)
