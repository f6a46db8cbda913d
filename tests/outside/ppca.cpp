// Probabilistic principal components, fitted by EM (Tipping and Bishop 1999, section 3.3): a record is
// x_n = W z_n + mu + noise, its latent position z_n and its noise being normal, of variance 1 and sigma^2.
#include <Eigen/Cholesky>
#include <numbers>

#include "jensen/comm/environment.hpp"
#include "jensen/core/random.hpp"
#include "jensen/fit/em_model.hpp"
#include "jensen/fit/record.hpp"
#include "jensen/init/moments.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/io/lasting_run.hpp"
#include "jensen/io/model_file.hpp"

using namespace jensen;

constexpr Purpose kStart{100};  // of random numbers; those below 100 are jensen's own

class Ppca : public EmModel {
 public:
  /// W is random, mu 0 and sigma^2 the mean variance of the features.
  Ppca(Index features, Index components, double variance)
      : w_(features, components), mu_(RowVector::Zero(features)), sigma2_(variance) {
    Stream stream(1, kStart, 0);
    for (double& value : w_.reshaped()) value = std::sqrt(variance) * stream.normal();
  }

  Sums make_sums() const {
    return {{features(), components() + 1}, {components() + 1, components() + 1}, {1}};
  }

  void prepare(Index) {
    const auto one = Matrix::Identity(components(), components());
    const Eigen::LLT<Matrix> m(w_.transpose() * w_ + sigma2_ * one);
    inverse_ = m.solve(one);
    const double log_det = 2 * m.matrixLLT().diagonal().array().log().sum() +
                           static_cast<double>(features() - components()) * std::log(sigma2_);
    log_norm_ = -0.5 * (static_cast<double>(features()) * std::log(2 * std::numbers::pi) + log_det);
  }

  void local_step(const Block& block, Cache&, Sums& sums) const {
    const Matrix centred = block.records.rowwise() - mu_;     // B x D
    const Matrix projected = centred * w_;                    // B x q
    Matrix z = Matrix::Ones(block.rows(), components() + 1);  // <z_n>, and 1 for mu
    z.leftCols(components()) = projected * inverse_;
    // (x - mu)' C^-1 (x - mu), where C = W W' + sigma^2 I
    const Eigen::ArrayXd distance =
        (centred.rowwise().squaredNorm() - projected.cwiseProduct(z.leftCols(components())).rowwise().sum())
            .array() /
        sigma2_;
    Matrix weighted_z = z;
    apply_weights(block, weighted_z);
    sums[0] += block.records.transpose() * weighted_z;
    sums[1] += weighted_z.transpose() * z;
    sums[2](0) += weighted_z.col(components()).dot(block.records.rowwise().squaredNorm());
    sums.add_records(block, log_norm_ - 0.5 * distance);
  }

  Change global_step(const Sums& total, Index) {
    Matrix zz = total[1];  // sum of <z z'>: of the means, and the covariance sigma^2 M^-1 of each record
    zz.topLeftCorner(components(), components()) += total.weight() * sigma2_ * inverse_;
    const Matrix solved = zz.llt().solve(total[0].transpose()).transpose();  // W and mu
    const double squares = total[2](0) - solved.cwiseProduct(total[0]).sum();
    const double moved = (solved.leftCols(components()) - w_).cwiseAbs().maxCoeff();
    w_ = solved.leftCols(components());
    mu_ = solved.col(components()).transpose();
    sigma2_ = squares / (total.weight() * static_cast<double>(features()));
    return {.largest = moved / std::sqrt(sigma2_)};
  }

  void describe(Archive& archive) { archive("W", w_), archive("mu", mu_), archive("sigma2", sigma2_); }

  void save(const Transform& transform, Document& document) const {
    document.set_attribute("/", "model", std::string("ppca"));
    document.set("/parameters/W", RowMatrix(w_));
    document.set("/parameters/mu", transform.to_original(mu_));
    document.set_attribute("/parameters", "sigma2", sigma2_);
  }

 private:
  Index features() const { return w_.rows(); }
  Index components() const { return w_.cols(); }

  Matrix w_;      // D x q
  RowVector mu_;  // D, from the mean
  double sigma2_;
  Matrix inverse_;       // M^-1 = (W'W + sigma^2 I)^-1, q x q
  double log_norm_ = 0;  // of the density
};

int main(int argc, char** argv) {
  Environment environment(argc, argv);
  return environment.run([&] {
    if (argc != 4) throw UsageError("usage: ppca DATA.h5 COMPONENTS OUTPUT.h5");
    const Communicator comm = environment.world();
    const io::LoadedData data = io::load(io::inspect(argv[1], comm), {}, comm);
    const FeatureSummary summary = summarise_features(data.shard, comm, data.minimum, data.maximum);
    const DenseShard centred = data.shard.with_transform({summary.mean, Vector::Ones(summary.features())});
    Ppca model(summary.features(), std::atoi(argv[2]), summary.mean_variance());

    const std::string output = argv[3];
    io::LastingRun run({.directory = output + ".ckpt", .interval_iterations = 50}, io::data_header(data),
                       comm);
    const FitResult result = run.fit(model, centred, {.max_iterations = 100000, .parameter_change = 1e-11});
    if (run.stopped()) return run.leave();

    Document document = io::data_header(data);
    record_format(document);
    model.save(centred.transform(), document);
    record_progress(result.progress, model.units(), result.stopped, document);
    comm.on_root([&] { io::write_model_file(document, output); });
    run.finish();
    return 0;
  });
}
