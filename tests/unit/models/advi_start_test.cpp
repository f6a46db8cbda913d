#include "jensen/models/advi/start.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "jensen/core/error.hpp"
#include "support/targets.hpp"

using namespace jensen;
using advi::Advi;
using advi::Covariance;

namespace {

const Communicator kSerial;

Advi model_of(Covariance covariance, Index rank = 1) {
  const test::NormalTarget target{Vector::Zero(3), Matrix::Identity(3, 3)};
  return Advi(advi::make_target(target),
              {.covariance = covariance, .rank = rank, .step_rule = advi::StepRule::adam, .step_size = 0.1});
}

/// What is written of a q that is no start's own.
Document saved(Covariance covariance, Index rank = 1) {
  Advi model = model_of(covariance, rank);
  advi::Family q = model.family();
  for (Index i = 0; i < q.parameters().size(); ++i) q.parameters()[i] = 0.1 * static_cast<double>(i + 1);
  q.prepare();
  model.set_family(q);
  Document document;
  document.origin = "first.h5";
  model.save(document);
  return document;
}

void start_from(Advi& model, const Document& document) {
  const ResponseShard shard = test::no_data();
  start(model, {.kind = advi::StartKind::model, .shard = shard, .comm = kSerial, .model = &document});
}

}  // namespace

TEST_CASE("a file's q is taken as it is, or, of another family, by its means and deviations", "[advi]") {
  Advi same = model_of(Covariance::full_rank);
  start_from(same, saved(Covariance::full_rank));
  CHECK(same.family().parameters() == saved(Covariance::full_rank).vector("/parameters/q"));
  // of rank 1 it has as many numbers as the full-rank one, which mean something else
  const Document other = saved(Covariance::low_rank);
  REQUIRE(other.vector("/parameters/q").size() == same.family().parameters().size());
  Advi fresh = model_of(Covariance::full_rank);
  start_from(fresh, other);
  CHECK(fresh.family().mean() == other.vector("/parameters/unconstrained_means"));
  CHECK((fresh.family().deviations() - other.vector("/parameters/unconstrained_sds")).norm() < 1e-14);
}

TEST_CASE("a file's q that is none, or another model's, is refused", "[advi]") {
  Advi model = model_of(Covariance::full_rank);
  const auto refuse = [&](const Document& document, const std::string& sentence) {
    CHECK_THROWS_WITH(start_from(model, document), Catch::StartsWith(sentence));
  };
  Document broken = saved(Covariance::full_rank);
  Vector q = broken.vector("/parameters/q");
  q[1] = std::numeric_limits<double>::quiet_NaN();
  broken.set("/parameters/q", q);
  refuse(broken, "unconstrained parameter 1 of 'first.h5' has mean nan and standard deviation");
  q[1] = 0;
  q[5] = 800;  // the logarithm of a deviation
  broken.set("/parameters/q", q);
  refuse(broken, "unconstrained parameter 2 of 'first.h5' has mean 0.3");
  Document named = saved(Covariance::full_rank);
  named.set("/parameters/names", NdArray{{3}, std::vector<std::string>{"x[0]", "y", "x[2]"}});
  refuse(named, "parameter 1 of 'first.h5' is 'y' (must be 'x[1]', as in this target)");
  named.set("/parameters/names", NdArray{{3}, model.target().reported_names()});
  CHECK_NOTHROW(start_from(model, named));
}
