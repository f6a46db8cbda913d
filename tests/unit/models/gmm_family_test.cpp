#include "jensen/models/mixture/family.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "jensen/core/error.hpp"
#include "jensen/models/gmm/method.hpp"
#include "support/mixtures.hpp"
#include "support/samples.hpp"

using namespace jensen;

TEST_CASE("Families are found by letters and alias in either case; E and V at one feature") {
  const std::pair<const char*, const char*> names[] = {
      {"VVV", "full"}, {"EEE", "tied"}, {"VVI", "diag"}, {"VII", "spherical"}, {"EII", "equal-spherical"}};
  for (const auto& [letters, alias] : names) {
    CHECK(mixture::find_family(letters, 3).letters == letters);
    CHECK(mixture::find_family(alias, 3).letters == letters);
  }
  CHECK(mixture::find_family("vvv", 3).letters == "VVV");
  CHECK(mixture::find_family("Full", 3).letters == "VVV");
  CHECK(mixture::find_family("E", 1).letters == "EII");
  CHECK(mixture::find_family("v", 1).letters == "VII");
  CHECK(mixture::families().size() == std::size(names));
}

TEST_CASE("An unknown family is refused with a list of those there are") {
  CHECK_THROWS_AS(mixture::find_family("VEV", 3), UsageError);
  CHECK_THROWS_WITH(mixture::find_family("E", 2), Catch::Contains("'E'") && Catch::Contains("full (VVV)") &&
                                                      Catch::Contains("equal-spherical (EII)"));
  CHECK_THROWS_WITH(mixture::find_family("", 1), Catch::Contains("E, V"));
}

TEST_CASE("Free parameters are counted by family") {
  struct Row {
    const char* family;
    Index k, d, covariance;
  };
  const Row rows[] = {{"VVV", 3, 4, 30}, {"EEE", 3, 4, 10}, {"VVI", 3, 4, 12}, {"VII", 3, 4, 3},
                      {"EII", 3, 4, 1},  {"VVV", 5, 1, 5},  {"EEE", 5, 1, 1},  {"VVI", 5, 1, 5},
                      {"VII", 5, 1, 5},  {"EII", 5, 1, 1},  {"VVV", 1, 2, 3},  {"EEE", 1, 2, 3},
                      {"VVI", 1, 2, 2},  {"VII", 1, 2, 1},  {"EII", 1, 2, 1}};
  for (const Row& row : rows) {
    INFO(row.family << ", K = " << row.k << ", D = " << row.d);
    const mixture::Family& family = mixture::find_family(row.family, row.d);
    CHECK(family.covariance_parameters(row.k, row.d) == row.covariance);
    const test::Problem problem(test::normal_records(20, row.d, 1), Communicator());
    gmm::Settings settings{.family = &family, .components = row.k};
    const auto parameters = [&] {
      return gmm::GaussianMixture(settings, problem.summary, Transform::identity(row.d), 1).free_parameters();
    };
    CHECK(parameters() == row.k * row.d + row.k - 1 + row.covariance);
    settings.equal_weights = true;
    CHECK(parameters() == row.k * row.d + row.covariance);
    settings.fixed_variance = 1;
    CHECK(parameters() == row.k * row.d);
  }
}

TEST_CASE("Numbers in quadratic forms") {
  CHECK(mixture::quadratic_size(mixture::Quadratic::none, 5) == 0);
  CHECK(mixture::quadratic_size(mixture::Quadratic::norm, 5) == 1);
  CHECK(mixture::quadratic_size(mixture::Quadratic::squares, 5) == 5);
  CHECK(mixture::quadratic_size(mixture::Quadratic::packed, 5) == 15);
}

TEST_CASE("Options that do not go together are refused") {
  const auto settings = [](gmm::Options options) { return gmm::make_settings(options, 3, 2); };
  CHECK(settings({}).family->letters == "VVV");
  CHECK(settings({}).covariance_floor == 1e-6);
  CHECK_THROWS_AS(settings({.covariance = "oval"}), UsageError);
  CHECK_THROWS_AS(settings({.covariance_floor = -1e-6}), UsageError);
  CHECK_THROWS_AS(settings({.covariance_floor = std::numeric_limits<double>::quiet_NaN()}), UsageError);
  CHECK_THROWS_AS(settings({.covariance = "EII", .fixed_variance = -1}), UsageError);
  CHECK_THROWS_AS(settings({.covariance = "EII", .fixed_variance = std::numeric_limits<double>::quiet_NaN()}),
                  UsageError);
  CHECK_THROWS_AS(settings({.covariance = "VII", .fixed_variance = 1}), UsageError);
  CHECK(settings({.covariance = "EII", .fixed_variance = 2}).fixed_variance == 2);
}

TEST_CASE("A constant feature is refused by name") {
  RowMatrix rows = test::normal_records(20, 2, 1);
  rows.col(1).setConstant(3.5);
  const test::Problem problem(rows, Communicator());
  CHECK_THROWS_MATCHES(gmm::Method::check({}, problem.summary, {"length", "width"}), InputError,
                       Catch::Predicate<InputError>([](const InputError& error) {
                         const std::string text = error.what();
                         return text.find("'width'") != std::string::npos &&
                                text.find("3.5") != std::string::npos;
                       }));
  CHECK_NOTHROW(gmm::Method::check({}, test::Problem(rows.leftCols(1), Communicator()).summary, {"length"}));
}
