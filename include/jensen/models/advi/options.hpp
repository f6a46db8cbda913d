#pragma once

#include <string>
#include <tuple>

#include "jensen/core/options.hpp"

namespace jensen::advi {

struct Options {
  std::string target = "linear";
  std::string response = {};
  std::string groups = {};
  std::string prior = "normal";
  double prior_scale = 2.5;
  double degrees_of_freedom = 4;
  std::string family = "full-rank";
  Index rank = 5;
  Index draws = 8;
  bool independent_draws = false;
  std::string gradient = "stl";
  std::string step = "natural";
  double step_size = 0;
  Index window = 50;
  Index batch = 0;
  Index final_draws = 1000;
  bool bernstein_von_mises = false;

  /// Whether responses are labels of classes.
  bool numbers_classes() const { return target == "softmax"; }
  /// Whether they are classes 0 and 1 as they stand.
  bool has_two_classes() const { return target == "logistic"; }
  /// Whether the target explains responses, or the records themselves.
  bool explains_responses() const {
    return target != "mixture" && target != "ppca" && target != "factor-analysis";
  }

  static auto fields() {
    using O = Options;
    return std::tuple(
        Field{"target", &O::target,
              "linear|robust|logistic|softmax|poisson|negative-binomial|mixture|ppca|factor-analysis",
              "what is fitted: a regression of the response on the features, or a model of the features "
              "alone, with "
              "--components K"},
        Field{"response", &O::response, "NAME|/d|FILE:/d",
              "what is to be explained: a feature by its name, or a data set with a number for each record"},
        Field{"groups", &O::groups, "NAME|/d|FILE:/d",
              "a feature or data set of integers: records with the same one share an effect of their group"},
        Field{"prior", &O::prior, "normal|horseshoe",
              "of coefficients; horseshoe: most are near 0, and some are large"},
        Field{"prior-scale", &O::prior_scale, "s",
              "prior sd of a coefficient, in units of sd(response) / sd(feature), or of 1 / sd(feature) "
              "where the "
              "response is no measurement"},
        Field{"degrees-of-freedom", &O::degrees_of_freedom, "nu", "of the t distribution of robust errors"},
        Field{"family", &O::family, "mean-field|full-rank|low-rank",
              "covariance of q, a normal over the unconstrained parameters"},
        Field{"rank", &O::rank, "r", "directions of a low-rank covariance, beside its diagonal"},
        Field{"draws", &O::draws, "S", "of q in an iteration"},
        Field{"independent-draws", &O::independent_draws, "", "instead of pairs around the mean of q"},
        Field{"gradient", &O::gradient, "stl|standard",
              "its estimate: sticking the landing, without noise where q is exact; or with the entropy in "
              "closed form"},
        Field{"step", &O::step, "natural|adaptive|adam",
              "how q follows the gradient; adaptive is that of the ADVI paper"},
        Field{"step-size", &O::step_size, "e", "0: natural has its own, the others try several out"},
        Field{"window", &O::window, "n", "iterations that are averaged to judge progress, and to settle"},
        Field{"batch", &O::batch, "n", "records looked at in an iteration, about, in whole blocks; 0 = all"},
        Field{"final-draws", &O::final_draws, "n",
              "fresh draws of q that estimate the final ELBO, k-hat and the posterior's moments"},
        Field{"bernstein-von-mises", &O::bernstein_von_mises, "",
              "compare the posterior with normals as the records grow in number, and say whether it is one"});
  }
};

}  // namespace jensen::advi
