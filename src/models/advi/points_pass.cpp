#include "jensen/models/advi/points_pass.hpp"

#include <vector>

#include "jensen/models/advi/density.hpp"

namespace jensen::advi {
namespace {

/// S values, then a gradient of P numbers for each point, or none.
class PointSums : public Statistics {
 public:
  PointSums(Index points, Index size) : Statistics(points * (1 + size)), points_(points), size_(size) {}

  Eigen::Map<Vector> values() { return {body().data(), points_}; }
  Eigen::Map<Matrix> gradients() { return {body().data() + points_, size_, points_}; }

 private:
  Index points_, size_;
};

/// A few neighbouring points as targets take them, and room for what they say.
struct Chunk {
  Index first;
  Points theta, values, gradients;

  Chunk(const Matrix& all, Index begin, Index count, bool with_gradients)
      : first(begin),
        theta(all.rows(), count),
        values(1, count),
        gradients(with_gradients ? all.rows() : 0, count) {
    for (Index s = 0; s < count; ++s)
      theta.set_point(s, {all.col(begin + s).data(), static_cast<std::size_t>(all.rows())});
    theta.pad();
  }
};

PointSums pass(const Target& target, const Matrix& theta, const ResponseShard& shard,
               const Communicator& comm, bool with_gradients) {
  std::vector<Chunk> chunks;
  for (Index first = 0; first < theta.cols(); first += kPointsAtOnce)
    chunks.emplace_back(theta, first, std::min(kPointsAtOnce, theta.cols() - first), with_gradients);
  PointSums total(theta.cols(), with_gradients ? theta.rows() : 0);
  accumulate(shard, comm, total, [&](const ResponseBlock& block, Index, PointSums& sums) {
    for (Chunk& chunk : chunks) {
      chunk.values.set_zero();
      chunk.gradients.set_zero();
      target.add_log_likelihood(chunk.theta, block, chunk.values,
                                with_gradients ? &chunk.gradients : nullptr);
      for (Index s = 0; s < chunk.theta.count(); ++s) sums.values()[chunk.first + s] += chunk.values(0, s);
      for (Index i = 0; i < chunk.gradients.size(); ++i) {
        for (Index s = 0; s < chunk.theta.count(); ++s)
          sums.gradients()(i, chunk.first + s) += chunk.gradients(i, s);
      }
    }
  });
  return total;
}

/// The records of a block one by one, each a block of its own without a weight.
class SingleRecords {
 public:
  explicit SingleRecords(const ResponseBlock& block)
      : block_(block), values_(static_cast<std::size_t>(block.features.features())) {}

  ResponseBlock operator()(Index n) {
    const Index features = block_.features.features();
    std::copy_n(block_.features.records.data() + n * features, features, values_.data());
    const auto at = static_cast<std::size_t>(n);
    ResponseBlock one{.features = {.first_record = block_.features.first_record + n,
                                   .records = RowMatrixView(values_.data(), 1, features)}};
    if (!block_.responses.empty()) one.responses = block_.responses.subspan(at, 1);
    if (!block_.groups.empty()) one.groups = block_.groups.subspan(at, 1);
    return one;
  }

 private:
  const ResponseBlock& block_;
  AlignedVector<double> values_;
};

}  // namespace

Vector log_likelihoods(const Target& target, const Matrix& theta, const ResponseShard& shard,
                       const Communicator& comm) {
  return pass(target, theta, shard, comm, false).values();
}

LogLikelihoods log_likelihood_gradients(const Target& target, const Matrix& theta, const ResponseShard& shard,
                                        const Communicator& comm) {
  PointSums sums = pass(target, theta, shard, comm, true);
  return {.values = sums.values(), .gradients = sums.gradients()};
}

namespace {

Matrix constrained_columns(const Target& target, const Matrix& zeta) {
  Matrix theta(target.size(), zeta.cols());
  for (Index s = 0; s < zeta.cols(); ++s) theta.col(s) = constrained(target, zeta.col(s));
  return theta;
}

}  // namespace

Vector log_densities(const std::shared_ptr<const Target>& target, Density density, const Matrix& zeta,
                     const ResponseShard& shard, const Communicator& comm) {
  Vector values = log_likelihoods(*target, constrained_columns(*target, zeta), shard, comm);
  if (density == Density::likelihood) return values;
  DensityAt at(target, 1);
  for (Index s = 0; s < zeta.cols(); ++s) {
    at.set(0, zeta.col(s));
    values[s] = at.log_joint(0, values[s]);
  }
  return values;
}

LogDensities log_density_gradients(const std::shared_ptr<const Target>& target, Density density,
                                   const Matrix& zeta, const ResponseShard& shard, const Communicator& comm) {
  auto [values, theta_gradients] =
      log_likelihood_gradients(*target, constrained_columns(*target, zeta), shard, comm);
  Matrix gradients(zeta.rows(), zeta.cols());
  DensityAt at(target, 1);
  for (Index s = 0; s < zeta.cols(); ++s) {
    if (density == Density::likelihood) {
      gradients.col(s) = pulled_back(*target, zeta.col(s), theta_gradients.col(s));
    } else {
      at.set(0, zeta.col(s));
      values[s] = at.log_joint(0, values[s]);
      gradients.col(s) = at.gradient(0, theta_gradients.col(s));
    }
  }
  return {.values = values, .gradients = gradients};
}

Matrix score_products(const Target& target, const Vector& zeta, const ResponseShard& shard,
                      const Communicator& comm) {
  const Index size = zeta.size();
  Chunk chunk(constrained(target, zeta), 0, 1, true);
  Vector gradient(target.size());
  Statistics total(size * size);
  const auto products = [&](Statistics& sums) { return Eigen::Map<Matrix>(sums.body().data(), size, size); };
  accumulate(shard, comm, total, [&](const ResponseBlock& block, Index, Statistics& sums) {
    SingleRecords records(block);
    for (Index n = 0; n < block.rows(); ++n) {
      if (block.weight(n) == 0) continue;
      chunk.values.set_zero();
      chunk.gradients.set_zero();
      target.add_log_likelihood(chunk.theta, records(n), chunk.values, &chunk.gradients);
      chunk.gradients.get_point(0, {gradient.data(), static_cast<std::size_t>(gradient.size())});
      const Vector score = pulled_back(target, zeta, gradient);
      products(sums).noalias() += block.weight(n) * score * score.transpose();
    }
  });
  return products(total);
}

Matrix expected_information(const Target& target, const Vector& zeta, const ResponseShard& shard,
                            const Communicator& comm) {
  const Vector theta = constrained(target, zeta);
  const Index size = theta.size();
  Statistics total(size * size);
  const auto matrix = [&](Statistics& sums) { return Eigen::Map<Matrix>(sums.body().data(), size, size); };
  accumulate(shard, comm, total, [&](const ResponseBlock& block, Index, Statistics& sums) {
    target.add_expected_information({theta.data(), static_cast<std::size_t>(size)}, block, matrix(sums));
  });
  // J' I J, a side at a time
  const auto pulled_columns = [&](const Matrix& columns) {
    Matrix pulled(zeta.size(), columns.cols());
    for (Index j = 0; j < columns.cols(); ++j) pulled.col(j) = pulled_back(target, zeta, columns.col(j));
    return pulled;
  };
  return pulled_columns(pulled_columns(matrix(total)).transpose());
}

}  // namespace jensen::advi
