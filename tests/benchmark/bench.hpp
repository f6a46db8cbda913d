#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "jensen/core/types.hpp"

// The program that measures jensen: it answers requests, one JSON object a line, so that its runs can take
// turns with those of other programs. tests/benchmark/bench.py asks and prints.

namespace bench {

using Json = nlohmann::ordered_json;

/// Flops per second of fused multiply-adds in registers: the most that the processor can do.
/// @return {"f64", "f32"} in Gflop/s
Json peak();

/// CPU, peak, matrix products of this order by Eigen and OpenBLAS, read bandwidth. Gflop/s and GB/s.
Json machine(jensen::Index order);

/// {"gflops"} of matrix products of this order in float64, by Eigen or OpenBLAS, whichever is faster.
Json product_rate(jensen::Index order);

/// The log-likelihoods of a target of ADVI and their gradients at {"points"}, over all blocks of {"records"}
/// made up: {"target": "linear" ... "factor-analysis", or "formulas", the logistic regression by automatic
/// differentiation; "features"}. {"predictors": of a record and point, "seconds" of a pass, "block_seconds"
/// to prepare its blocks, "products": seconds of its two products by OpenBLAS, X B and X' G, or of the two of
/// a matrix and a vector where there is one point; null where there is no OpenBLAS, or the target has none}.
Json gradient(const Json& request);

/// Nanoseconds per element of exp, log and digamma: {"exp": {"libm": ns, ...}, ...}.
Json functions();

/// A model at its start, with its data.
class Job {
 public:
  virtual ~Job() = default;
  /// The shape of the work: records, features, components, numbers that travel.
  virtual Json shape() const = 0;
  /// A whole fit of so many iterations: {"seconds": all of it, "iterations": [seconds of each], "objective"}.
  /// An iteration is a pass over all blocks, the exact sum, the global step and what is prepared from it.
  virtual Json fit(jensen::Index iterations) const = 0;
  /// Seconds of iterations with the exact sum and, in turns with them, with a sum of plain doubles.
  virtual Json reduction(jensen::Index iterations) const = 0;
};

/// Topic models of one corpus at a start, {"file": as lda-c has it, "words", "components", "alpha", "eta",
/// "tolerance" and "sweeps" of a document}: {"documents", "entries", "seconds": of each of so many
/// iterations, "document_seconds": of the E-steps alone, "work": entries times sweeps in each, "elbo"}.
Json topics(const Json& request, jensen::Index iterations);
/// Perplexity of documents that were not fitted, by the bound and by completion: of topics that are given, V
/// x K parameters of Dirichlets, or fitted from a random start.
Json held_out(const Json& request);

/// What this build of jensen does not have.
struct NotBuilt : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// {"file", "model": "gmm", "covariance", and perhaps "expansion_limit"}, or {"file", "model": "kmeans",
/// "precision": "float64", "kernel": "plain" or "automatic"}. The file holds "/data", N x D, and "/start",
/// the means or centroids to start from, K x D. Throws NotBuilt.
std::unique_ptr<Job> open_job(const Json& request);

/// Seconds to read all of a file by read(): into memory that is new, as it is where data are kept, and into
/// one buffer over and over. {"bytes", "new", "again"}
Json raw_read(const std::string& file);
/// Seconds to read the data set "/data" into a shard: {"bytes" of the values, "seconds"}.
Json load(const std::string& file);
/// Seconds to import a text table: {"bytes" of the text, "seconds"}.
Json import(const std::string& text, const std::string& output);

}  // namespace bench
