#include "jensen/models/advi/separation.hpp"

#include <Eigen/LU>
#include <catch2/catch.hpp>
#include <cmath>

#include "jensen/core/random.hpp"
#include "support/samples.hpp"

using namespace jensen;
using advi::Separation;
using Kind = advi::Separation::Kind;

namespace {

const Communicator kSerial;

Separation found_in(const RowMatrix& x, const std::vector<double>& y, Index classes = 2) {
  return advi::find_separation(ResponseShard(make_serial_shard(x), y), classes, kSerial);
}

/// Differences of a record's predictor for its class from those for others, a row each, as functions of the
/// coefficients: exact where records are integers.
Matrix differences(const RowMatrix& x, const std::vector<double>& y, Index classes) {
  const Index length = 1 + x.cols();
  Matrix all = Matrix::Zero(x.rows() * (classes - 1), length * (classes - 1));
  Index row = 0;
  for (Index n = 0; n < x.rows(); ++n) {
    const auto own = static_cast<Index>(y[static_cast<std::size_t>(n)]);
    RowVector extended(length);
    extended << 1, x.row(n);
    for (Index c = 0; c < classes; ++c) {
      if (c == own) continue;
      if (own > 0) all.row(row).segment((own - 1) * length, length) = extended;
      if (c > 0) all.row(row).segment((c - 1) * length, length) = -extended;
      ++row;
    }
  }
  return all;
}

/// By all directions at right angles to as many differences as leave one: the edges of the cone of those that
/// separate are among them, and their sum lies inside of it. Of differences that span the space.
Kind by_enumeration(const Matrix& all) {
  const Index size = all.cols();
  Vector sum = Vector::Zero(size);
  std::vector<Index> chosen(static_cast<std::size_t>(size - 1));
  const std::function<void(std::size_t, Index)> choose = [&](std::size_t next, Index first) {
    if (next < chosen.size()) {
      for (Index i = first; i < all.rows(); ++i) chosen[next] = i, choose(next + 1, i + 1);
      return;
    }
    Matrix rows(size - 1, size);
    for (std::size_t i = 0; i < chosen.size(); ++i) rows.row(static_cast<Index>(i)) = all.row(chosen[i]);
    const Eigen::FullPivLU<Matrix> lu(rows);
    if (lu.rank() < size - 1) return;
    const Vector direction = lu.kernel().col(0).normalized();
    for (const double sign : {-1.0, 1.0}) {
      if ((sign * all * direction).minCoeff() > -1e-9) sum += sign * direction;
    }
  };
  choose(0, 0);
  const Vector margins = all * sum;
  if (margins.maxCoeff() < 1e-9) return Kind::none;
  return margins.minCoeff() > 1e-9 ? Kind::complete : Kind::partial;
}

}  // namespace

TEST_CASE("what is found of few records is what all directions say", "[advi]") {
  int kinds[3] = {};
  for (const Index classes : {2, 3}) {
    const Index features = classes == 2 ? 2 : 1;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      Stream stream(seed, Purpose::canary, classes);
      const Index count = 5 + static_cast<Index>(4 * stream.uniform());
      RowMatrix x(count, features);
      for (Index n = 0; n < count; ++n) {
        for (Index j = 0; j < features; ++j) x(n, j) = std::floor(4 * stream.uniform()) - 1;
      }
      std::vector<double> y;
      for (Index n = 0; n < count; ++n)
        y.push_back(std::floor(static_cast<double>(classes) * stream.uniform()));
      const Matrix all = differences(x, y, classes);
      if (Eigen::FullPivLU<Matrix>(all).rank() < all.cols()) continue;
      const Kind expected = by_enumeration(all);
      const Separation found = found_in(x, y, classes);
      INFO("seed " << seed << ", classes " << classes << "\n" << x << "\nof " << Catch::Detail::stringify(y));
      CHECK(static_cast<int>(found.kind) == static_cast<int>(expected));
      ++kinds[static_cast<int>(expected)];
      if (!found.found()) continue;
      const Matrix direction = found.direction.transpose();
      const Vector margins = all * Vector(direction.reshaped());
      CHECK(margins.minCoeff() > (expected == Kind::complete ? 1e-10 : -1e-8));
    }
  }
  for (const int count : kinds) CHECK(count > 10);
}

TEST_CASE("many records that overlap are not separated, and a narrow gap is", "[advi]") {
  const Index count = 5000;
  const RowMatrix x = test::normal_records(count, 12, 3);
  const Vector direction = Vector::LinSpaced(12, -1, 2);
  std::vector<double> overlapping, apart;
  for (Index n = 0; n < count; ++n) {
    const double eta = x.row(n).dot(direction) - 0.3;
    apart.push_back(eta > 0 ? 1 : 0);
    overlapping.push_back(Stream(4, Purpose::canary, n).uniform() < 1 / (1 + std::exp(-2 * eta)) ? 1 : 0);
  }
  CHECK(found_in(x, overlapping).kind == Kind::none);
  const Separation found = found_in(x, apart);
  CHECK(found.kind == Kind::complete);
  CHECK(found.separated == count);
  Vector expected(13);
  expected << -0.3, direction;
  CHECK(found.direction.row(0).dot(expected.normalized()) > 0.999);
  CHECK_THAT(sentence_of(found),
             Catch::StartsWith("the features separate the classes of all 5000 records: the "
                               "likelihood has no maximum"));
  apart[0] = 1 - apart[0];
  CHECK(found_in(x, apart).kind == Kind::none);
}

TEST_CASE("a feature that is there in one class alone separates in part", "[advi]") {
  RowMatrix x = test::normal_records(400, 2, 5);
  std::vector<double> y;
  Index marked = 0;
  for (Index n = 0; n < 400; ++n) {
    y.push_back(Stream(6, Purpose::canary, n).uniform() < 0.5 ? 1 : 0);
    x(n, 1) = y.back() == 1 && n % 3 == 0 ? 1 : 0;
    marked += x(n, 1) > 0 ? 1 : 0;
  }
  const Separation found = found_in(x, y);
  CHECK(found.kind == Kind::partial);
  CHECK(found.separated == static_cast<double>(marked));
  CHECK(found.records == 400);
  CHECK_THAT(sentence_of(found), Catch::Contains("of 400 records, and set no other back"));
}

TEST_CASE("features that say the same, and constant ones, separate nothing", "[advi]") {
  RowMatrix x = test::normal_records(300, 4, 7);
  x.col(2) = x.col(0) - 2 * x.col(1);
  x.col(3).setZero();
  std::vector<double> y;
  for (Index n = 0; n < 300; ++n) y.push_back(Stream(8, Purpose::canary, n).uniform() < 0.5 ? 1 : 0);
  CHECK(found_in(x, y).kind == Kind::none);
  for (Index n = 0; n < 300; ++n) y[static_cast<std::size_t>(n)] = x(n, 2) > 0.1 ? 1 : 0;
  CHECK(found_in(x, y).kind == Kind::complete);
}

TEST_CASE("records without weight, and those left out, do not stand between classes", "[advi]") {
  const Index count = 100;
  RowMatrix x(count, 1);
  std::vector<double> y, weights;
  for (Index n = 0; n < count; ++n) {
    x(n, 0) = static_cast<double>(n);
    y.push_back(n == 7 ? 9 : n > 50 ? 1 : 0);  // class 9: there is none
    weights.push_back(n == 7 ? 0 : 2);
  }
  y[80] = 0;
  const ResponseShard shard(make_serial_shard(x, weights), y);
  CHECK(advi::find_separation(shard, 2, kSerial).kind == Kind::none);
  const Separation found =
      advi::find_separation(shard, 2, kSerial, [](Index record) { return record != 80; });
  CHECK(found.kind == Kind::complete);
  CHECK(found.records == 98);
}
