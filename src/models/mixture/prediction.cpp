#include "jensen/models/mixture/prediction.hpp"

#include <fmt/format.h>

#include "jensen/core/error.hpp"

namespace jensen::mixture {

void fill_prediction(const Matrix& responsibilities, const Eigen::ArrayXd& log_density,
                     Prediction& prediction) {
  const Index rows = responsibilities.rows();
  prediction.responsibilities = responsibilities;
  prediction.labels.resize(static_cast<std::size_t>(rows));
  prediction.values.resize(rows, 2);
  for (Index row = 0; row < rows; ++row) {
    Index label = 0;
    const double largest = responsibilities.row(row).maxCoeff(&label);
    prediction.labels[static_cast<std::size_t>(row)] = label;
    prediction.values(row, 0) = log_density[row];
    prediction.values(row, 1) = 1 - largest;
  }
}

void require_varying(const FeatureSummary& summary, const std::vector<std::string>& feature_names) {
  for (Index d = 0; d < summary.features(); ++d) {
    if (summary.variance[d] > 0) continue;
    throw InputError(
        fmt::format("feature '{}' is constant ({:g} in every record; a mixture needs features that vary); "
                    "leave it out",
                    feature_names[static_cast<std::size_t>(d)], summary.mean[d]));
  }
}

}  // namespace jensen::mixture
