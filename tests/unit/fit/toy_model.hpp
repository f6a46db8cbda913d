#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "jensen/data/shard.hpp"
#include "jensen/fit/fit.hpp"

namespace test {

/// What a toy does beside its plain course, and where it writes what was asked of it.
struct Script {
  std::map<jensen::Index, double> objectives = {};  // instead of the true one, by iteration
  std::set<jensen::Index> repairs = {};             // global steps that report a repair
  bool monotone = true;
  double rate = 0.5;
  std::vector<std::string>* events = nullptr;
};

/// A location theta of one feature, moved by gradient steps towards the mean: theta += rate (mean - theta).
/// The objective is -sum w (x - theta)^2 / 2, whose gains shrink by (1 - rate)^2 from step to step.
class ToyModel {
 public:
  using Block = jensen::DenseBlock;
  using Sums = jensen::Statistics;
  struct Cache {
    jensen::Index first_record = -1, visits = 0;
  };

  explicit ToyModel(double theta, Script script = {}) : theta_(theta), script_(std::move(script)) {}

  double theta() const { return theta_; }
  double prepared_theta() const { return prepared_; }
  void set_theta(double theta) { theta_ = theta; }
  bool caches_kept_their_blocks() const { return caches_kept_; }

  Sums make_sums() const { return Sums(2); }
  void prepare(jensen::Index t) {
    note("prepare", t);
    t_ = t;
    prepared_ = theta_;
  }
  void local_step(const Block& block, Cache& cache, Sums& sums) const {
    if (cache.visits++ != t_ || (t_ > 0 && cache.first_record != block.first_record)) caches_kept_ = false;
    cache.first_record = block.first_record;
    if (block.first_record == 0) note("local_step", t_);
    for (Index n = 0; n < block.rows(); ++n) {
      const double x = block.records(n, 0), w = block.weight(n);
      sums.body()[0] += w * x;
      sums.body()[1] += w * (x - prepared_) * (x - prepared_);
      sums.weight() += w;
      sums.magnitude() += w * (x - prepared_) * (x - prepared_) / 2;
      sums.records() += 1;
    }
  }
  double objective(const Sums& total) const {
    const auto scripted = script_.objectives.find(t_);
    return scripted != script_.objectives.end() ? scripted->second : -total.body()[1] / 2;
  }
  bool monotone() const { return script_.monotone; }
  jensen::Change global_step(const Sums& total, jensen::Index t) {
    note("global_step", t);
    const double step = script_.rate * (total.body()[0] / total.weight() - theta_);
    theta_ += step;
    jensen::Change change{.largest = std::abs(step)};
    if (script_.repairs.contains(t)) change.repairs.push_back({0, "mended"});
    return change;
  }
  void describe(jensen::Archive& archive) { archive("theta", theta_); }
  jensen::ObjectiveUnits units() const { return {"toy", "units", 2.0, 10.0}; }

 private:
  using Index = jensen::Index;
  void note(const char* what, Index t) const {
    if (script_.events != nullptr) script_.events->push_back(what + (" " + std::to_string(t)));
  }

  double theta_;
  double prepared_ = 0;
  Script script_;
  Index t_ = 0;
  mutable bool caches_kept_ = true;
};

static_assert(jensen::Model<ToyModel>);

/// Keeps all reports, and writes to the same events as the model.
class Spy : public jensen::Observer {
 public:
  struct Seen {
    jensen::Progress before, now;
    jensen::StopReason stopped;
    std::vector<jensen::Repair> repairs;
    jensen::State state;
    double reported;
  };

  explicit Spy(std::vector<std::string>* events = nullptr) : events_(events) {}

  void on_stage(const jensen::Stage& stage, const jensen::History&) override { stages.push_back(stage); }
  void on_iteration(const jensen::Report& report) override {
    if (events_ != nullptr) events_->push_back("report " + std::to_string(report.now.t));
    seen.push_back({report.now.before_evaluation(), report.now, report.stopped, report.repairs,
                    report.state(), report.reported_objective()});
  }

  std::vector<Seen> seen;
  std::vector<jensen::Stage> stages;

 private:
  std::vector<std::string>* events_;
};

/// 20 records in three blocks, mean 3.
inline jensen::DenseShard toy_shard() {
  jensen::RowMatrix rows(20, 1);
  for (jensen::Index n = 0; n < 20; ++n) rows(n, 0) = n % 2 == 0 ? 1.0 : 5.0;
  return jensen::make_serial_shard(rows);
}

}  // namespace test
