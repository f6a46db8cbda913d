#include "jensen/models/bayes_gmm/start.hpp"

#include <Eigen/Cholesky>

#include "jensen/core/error.hpp"
#include "jensen/models/mixture/start.hpp"

namespace jensen::bayes_gmm {
namespace {

/// D x D covariance of the records in internal coordinates, whose origin is their mean. Divided by the total
/// weight less 1, where it is more than 1.
Matrix sample_covariance(const StartRequest& request) {
  const Index d = request.shard.transform().scale.size();
  Statistics sums(d * d);
  RowMatrix weighted;
  accumulate(request.shard, request.comm, sums, [&](const DenseBlock& block, Index, Statistics& s) {
    weighted = block.records;
    for (Index n = 0; n < block.rows(); ++n) {
      const double weight = block.weight(n);
      if (weight > 0) {
        weighted.row(n) *= weight;
      } else {
        weighted.row(n).setZero();
      }
      s.weight() += weight;
    }
    Eigen::Map<Matrix>(s.body().data(), d, d).noalias() = weighted.transpose() * block.records;
  });
  const double weight = sums.weight();
  const Matrix scatter = Eigen::Map<const Matrix>(sums.body().data(), d, d);
  return 0.5 * (scatter + scatter.transpose()) / (weight > 1 ? weight - 1 : weight);
}

/// One update from the responsibilities under given weights, means and covariances.
std::vector<Repair> start_from_model(BayesianMixture& model, const StartRequest& request) {
  const mixture::GivenParameters given = mixture::given_parameters(request);
  const Index d = model.features();
  const mixture::Family& full = mixture::find_family("VVV", d);
  mixture::Gaussians gaussians(full, model.components(), d, mixture::kExpansionLimit);
  gaussians.begin(mixture::reach_of(request.summary, request.shard.transform()));
  mixture::Covariances covariances(full.form(), d, 1);
  for (Index k = 0; k < model.components(); ++k) {
    covariances.full(0) = given.covariances[given.covariances.size() == 1 ? 0 : static_cast<std::size_t>(k)];
    const mixture::PrecisionRoot root =
        mixture::precision_root(covariances, 0, "start from another model file");
    gaussians.set(k, given.means.row(k), root.whitening, root.log_determinant, covariances.norm(0));
  }
  gaussians.pack(given.weights.array().log());
  Eigen::ArrayXd log_density;
  return start_from_responsibilities(
      model, request.shard, request.comm,
      [&](const DenseBlock& block, Index, Matrix& r) { gaussians.responsibilities(block, r, log_density); });
}

}  // namespace

std::vector<Repair> start(BayesianMixture& model, const StartRequest& request) {
  const Matrix sigma = sample_covariance(request);
  const bool positive = Eigen::LLT<Matrix>(sigma).info() == Eigen::Success;
  if (model.family().form() == mixture::Quadratic::packed && !positive) {
    throw InputError(
        "the covariance of the data is not positive definite, so that it cannot scale the prior (features "
        "that "
        "depend linearly on others, or fewer records than features); leave such features out, or use "
        "--covariance diag");
  }
  model.set_prior_covariance(model.settings().prior_scale * sigma);
  if (request.kind == StartKind::model && request.model->has("/parameters/covariances"))
    return start_from_model(model, request);
  return mixture::start_from_assignments(model, request);
}

}  // namespace jensen::bayes_gmm
