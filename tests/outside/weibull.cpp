// Weibull regression of survival times by ADVI, with a target of one's own: record n is its time and its
// features, and log(time / scale_n) shape has the standard Gumbel distribution, log scale_n = intercept + x'
// beta.
#include <fmt/format.h>

#include "jensen/comm/environment.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/io/lasting_run.hpp"
#include "jensen/models/advi/evaluation.hpp"
#include "jensen/models/advi/start.hpp"

using namespace jensen;
using advi::Parameters;
using advi::Var;

struct Weibull {
  Index features;

  std::vector<advi::ParameterBlock> parameters() const {
    return {{.name = "intercept"},
            {.name = "coefficients", .size = features},
            {.name = "shape", .constraint = advi::Constraint::positive}};
  }

  Var log_prior(Parameters theta) const {  // up to a constant: normal of sd 10, and log-normal of sd 1
    const Var square_sum = square(theta[0]) + dot(theta[1], theta[1]);
    return -0.5 * square_sum / 100 - 0.5 * square(log(theta[2])) - log(theta[2]);
  }

  Var log_likelihood(Parameters theta, const ResponseBlock& block) const {
    const auto& records = block.features.records;
    const Var log_time(Eigen::ArrayXd(records.col(0).array().log()));
    Var log_scale = theta[0];
    for (Index j = 0; j < features; ++j)
      log_scale += element(theta[1], j) * Var(Eigen::ArrayXd(records.col(j + 1).array()));
    const Var z = theta[2] * (log_time - log_scale);
    return log(theta[2]) - log_time + z - exp(z);
  }
};

int main(int argc, char** argv) {
  Environment environment(argc, argv);
  return environment.run([&] {
    if (argc != 2) throw UsageError("usage: weibull TIMES-AND-FEATURES.h5");
    const Communicator comm = environment.world();
    const io::LoadedData data = io::load(io::inspect(argv[1], comm), {}, comm);
    if (!(data.minimum[0] > 0)) throw InputError("there are times that are not positive");
    const ResponseShard shard(data.shard);
    const auto target = advi::make_target(Weibull{data.shard.features() - 1});
    advi::Advi model(target, {});

    io::LastingRun run({.directory = "weibull.ckpt"}, io::data_header(data), comm);
    advi::start(model, {.kind = advi::StartKind::laplace, .shard = shard, .comm = comm});
    run.fit(model, shard, {.absolute_gain = 0.01, .window = model.settings().window});
    if (run.stopped()) return run.leave();
    const advi::Evaluation found = advi::evaluate(model, shard, comm, 1000, 1);
    const auto names = target->reported_names();
    for (Index i = 0; comm.is_root() && i < found.reported.cols(); ++i) {
      const Eigen::ArrayXd draws = found.reported.col(i);
      fmt::print("{} {} {}\n", names[static_cast<std::size_t>(i)], draws.mean(),
                 std::sqrt((draws - draws.mean()).square().mean()));
    }
    if (comm.is_root()) fmt::print("ELBO {} k-hat {}\n", found.elbo, found.k_hat);
    run.finish();
    return 0;
  });
}
