#include "support/samples.hpp"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <cmath>

#include "jensen/core/random.hpp"

namespace test {

using namespace jensen;

namespace {

constexpr auto kRecords = static_cast<Purpose>(1001), kLabels = static_cast<Purpose>(1002);

}  // namespace

RowMatrix normal_records(Index records, Index features, std::uint64_t seed) {
  RowMatrix rows(records, features);
  for (Index n = 0; n < records; ++n) {
    Stream stream(seed, kRecords, n);
    for (Index d = 0; d < features; ++d) rows(n, d) = stream.normal();
  }
  return rows;
}

Matrix random_covariance(Index features, double condition, std::uint64_t seed) {
  const Matrix normal = normal_records(features, features, seed);
  const Matrix axes = Eigen::HouseholderQR<Matrix>(normal).householderQ();
  Vector eigenvalues(features);
  for (Index d = 0; d < features; ++d) {
    const double place = features == 1 ? 0 : static_cast<double>(d) / static_cast<double>(features - 1);
    eigenvalues[d] = std::pow(condition, -place);
  }
  const Matrix covariance = axes * eigenvalues.asDiagonal() * axes.transpose();
  return 0.5 * (covariance + covariance.transpose());
}

Sample draw(const TrueMixture& mixture, Index records, std::uint64_t seed) {
  const Index k = mixture.means.rows();
  Sample sample{normal_records(records, mixture.means.cols(), seed), {}};
  std::vector<Matrix> roots;
  for (const Matrix& covariance : mixture.covariances) {
    roots.push_back(Eigen::LLT<Matrix>(covariance).matrixL());
  }
  for (Index n = 0; n < records; ++n) {
    const double u = Stream(seed, kLabels, n).uniform();
    Index label = 0;
    for (double reached = mixture.weights[0]; u > reached && label < k - 1;
         reached += mixture.weights[label]) {
      ++label;
    }
    const Vector record = roots[static_cast<std::size_t>(label)] * sample.records.row(n).transpose();
    sample.records.row(n) = record.transpose() + mixture.means.row(label);
    sample.labels.push_back(label);
  }
  return sample;
}

std::vector<Index> labels_in_turn(Index records, Index components) {
  std::vector<Index> labels;
  for (Index n = 0; n < records; ++n) labels.push_back(n % components);
  return labels;
}

std::vector<Index> random_labels(Index records, Index components, std::uint64_t seed) {
  std::vector<Index> labels;
  for (Index n = 0; n < records; ++n) {
    labels.push_back(
        static_cast<Index>(Stream(seed, kLabels, n).bits() % static_cast<std::uint64_t>(components)));
  }
  return labels;
}

}  // namespace test
