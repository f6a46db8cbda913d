#include <boost/math/special_functions/digamma.hpp>
#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/models/lda/concentration.hpp"

using namespace jensen;
using boost::math::digamma;

namespace {

/// The sums of E[log theta] that n draws of Dir(a) have in expectation: a is then the maximum.
Vector expected_log_sums(const Vector& a, double draws) {
  Vector sums = a;
  for (double& value : sums) value = draws * (digamma(value) - digamma(a.sum()));
  return sums;
}

}  // namespace

TEST_CASE("concentrations are found from any start", "[lda]") {
  for (const double scale : {1e-2, 0.3, 1.0, 40.0}) {
    Vector wanted(4);
    wanted << 0.2, 1, 3, 0.7;
    wanted *= scale;
    const Vector sums = expected_log_sums(wanted, 50);
    for (const double start : {1e-3, 0.1, 1.0, 100.0}) {
      INFO("scale " << scale << ", start " << start);
      const Vector found = lda::fit_concentration(Vector::Constant(4, start), 50, sums);
      CHECK((found - wanted).cwiseQuotient(wanted).cwiseAbs().maxCoeff() < 1e-6);
    }
  }
}

TEST_CASE("a symmetric concentration is found from any start", "[lda]") {
  for (const double wanted : {1e-3, 0.05, 1.0, 30.0}) {
    for (const Index dimensions : {Index{2}, Index{10}, Index{10000}}) {
      const double sum = expected_log_sums(Vector::Constant(dimensions, wanted), 20).sum();
      for (const double start : {1e-4, 0.1, 10.0, 1e4}) {
        INFO(wanted << ", " << dimensions << " dimensions, start " << start);
        CHECK(lda::fit_symmetric_concentration(start, dimensions, 20, sum) == Approx(wanted).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("no step of either lowers the likelihood", "[lda]") {
  Vector start(3), sums(3);
  start << 0.1, 5, 1;
  sums << -30, -200, -4;
  const Vector found = lda::fit_concentration(start, 10, sums);
  const double best = lda::dirichlet_log_likelihood(found, 10, sums);
  CHECK(best > lda::dirichlet_log_likelihood(start, 10, sums));
  for (Index k = 0; k < 3; ++k) {
    for (const double factor : {0.99, 1.01}) {
      Vector other = found;
      other[k] *= factor;
      CHECK(lda::dirichlet_log_likelihood(other, 10, sums) < best);
    }
  }
}

TEST_CASE("without draws a concentration stays", "[lda]") {
  const Vector start = Vector::Constant(3, 0.4);
  CHECK(lda::fit_concentration(start, 0, Vector::Zero(3)) == start);
  CHECK(lda::fit_symmetric_concentration(0.4, 3, 0, 0) == 0.4);
}

TEST_CASE("where the likelihood has no maximum, concentrations stay within their bounds", "[lda]") {
  // Draws that are all the same point of the simplex: the larger the better.
  const Vector certain = lda::fit_concentration(Vector::Ones(2), 5, Vector::Constant(2, 5 * std::log(0.5)));
  CHECK(certain.allFinite());
  CHECK(certain.maxCoeff() <= 1e6);
  // Draws at corners: the smaller the better.
  const Vector corners = lda::fit_concentration(Vector::Ones(2), 5, Vector::Constant(2, -1e9));
  CHECK(corners.minCoeff() >= 1e-6);
}
