#pragma once

#include <vector>

#include "jensen/models/gmm/method.hpp"

namespace test {

/// A Gaussian mixture in the data's units.
struct GaussianParameters {
  jensen::Vector weights;                   // K
  jensen::RowMatrix means;                  // K x D
  std::vector<jensen::Matrix> covariances;  // K
};

/// Some mixture of so many components, its means about `spread` from each other.
GaussianParameters random_mixture(jensen::Index components, jensen::Index features, jensen::Index number,
                                  double spread = 2);

/// As a density, by the model itself in these internal coordinates.
jensen::mixture::Density density_of(const GaussianParameters& parameters, const char* family = "VVV",
                                    std::uint64_t seed = 1, const jensen::Transform& coordinates = {});

}  // namespace test
