// A mixture of Poissons, fitted by EM: record n is of component k with probability weights_k, and then each
// of its counts x_nd is drawn from a Poisson distribution of mean rates_kd.
#include <fmt/ranges.h>

#include "jensen/comm/environment.hpp"
#include "jensen/fit/em_model.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/io/lasting_run.hpp"
#include "jensen/models/mixture/softmax.hpp"

using namespace jensen;

struct PoissonMixture : EmModel {
  Vector weights;  // K
  Matrix rates;    // K x D

  Sums make_sums() const { return {{rates.rows()}, {rates.rows(), rates.cols()}}; }

  void local_step(const Block& block, Cache&, Sums& sums) const {                     // E-step, on B records
    Matrix r = block.records * rates.array().max(1e-300).log().matrix().transpose();  // B x K
    r.rowwise() += (weights.array().max(1e-300).log().matrix() - rates.rowwise().sum()).transpose();
    Eigen::ArrayXd log_density;          // B, but for the factorials
    mixture::normalise(r, log_density);  // r are the responsibilities now
    const auto log_factorials = block.records.unaryExpr([](double x) { return std::lgamma(x + 1); });
    sums.add_records(block, log_density - log_factorials.rowwise().sum().array());
    apply_weights(block, r);
    sums[0] += r.colwise().sum().transpose();
    sums[1] += r.transpose() * block.records;
  }

  Change global_step(const Sums& total, Index) {  // M-step
    const Matrix before = rates;
    weights = total[0] / total.weight();
    rates = total[1].array().colwise() / total[0].col(0).array().max(1e-300);
    return {.largest = (rates - before).cwiseAbs().maxCoeff()};
  }

  void describe(Archive& archive) { archive("weights", weights), archive("rates", rates); }
};

int main(int argc, char** argv) {
  Environment environment(argc, argv);
  return environment.run([&] {
    const Index components = argc == 3 ? std::atoi(argv[2]) : 0;
    if (components < 1) throw UsageError("usage: poisson_mixture COUNTS.h5 COMPONENTS");
    const Communicator comm = environment.world();
    const io::LoadedData data = io::load(io::inspect(argv[1], comm), {}, comm);
    if (data.minimum.minCoeff() < 0) throw InputError("there are negative counts (must be 0 or more)");
    PoissonMixture model;  // its rates start at even parts of the largest counts
    model.weights = Vector::Constant(components, 1.0 / static_cast<double>(components));
    model.rates = Vector::LinSpaced(components + 2, 0, 1).segment(1, components) * data.maximum.transpose();

    io::LastingRun run({.directory = "poisson.ckpt"}, io::data_header(data), comm);
    const Progress end = run.fit(model, data.shard, {.relative_gain = 1e-12}).progress;
    if (run.stopped()) return run.leave();
    if (comm.is_root()) fmt::print("log-likelihood {} after {} iterations\n", end.objective(), end.t);
    for (Index k = 0; comm.is_root() && k < components; ++k)
      fmt::print("weight {}, rates {}\n", model.weights[k], fmt::join(model.rates.row(k), " "));
    run.finish();
    return 0;
  });
}
