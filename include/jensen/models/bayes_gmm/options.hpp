#pragma once

#include <tuple>

#include "jensen/core/options.hpp"

namespace jensen::bayes_gmm {

struct Options {
  std::string covariance = "full";
  std::string weight_prior = "dirichlet";
  double concentration = 0;
  double mean_precision = 1;
  double degrees_of_freedom = 0;
  double prior_covariance = 1;

  static auto fields() {
    return std::tuple(
        Field{"covariance", &Options::covariance, "full|tied|diag|spherical|equal-spherical",
              "family of the covariance matrices, or its three letters; see 'jensen help covariance'"},
        Field{"weight-prior", &Options::weight_prior, "dirichlet|stick-breaking",
              "prior of the mixing weights: a symmetric Dirichlet, or a Dirichlet process truncated at K"},
        Field{"concentration", &Options::concentration, "a",
              "of the weights' prior, the smaller the fewer components live; 0 = 1/K (dirichlet) or 1 "
              "(stick-breaking)"},
        Field{"mean-precision", &Options::mean_precision, "b",
              "records that the prior mean, that of the data, counts for in each component"},
        Field{"degrees-of-freedom", &Options::degrees_of_freedom, "n",
              "records that the prior covariance counts for in each component; 0 = number of features"},
        Field{"prior-covariance", &Options::prior_covariance, "s",
              "inverse scale of the precisions' prior, as a multiple of the covariance of the data"});
  }
};

}  // namespace jensen::bayes_gmm
