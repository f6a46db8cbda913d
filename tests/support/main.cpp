#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <span>

#include "jensen/comm/environment.hpp"
#include "support/job.hpp"

namespace {

/// Lets the ranks meet after each pass through a test case: once per leaf section.
class MeetingListener : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  void sectionStarting(const Catch::SectionInfo& info) override {
    TestEventListenerBase::sectionStarting(info);
    if (depth_++ == 0) failed_ = false;
  }
  bool assertionEnded(const Catch::AssertionStats& stats) override {
    failed_ = failed_ || !stats.assertionResult.isOk();
    return true;
  }
  void sectionEnded(const Catch::SectionStats& stats) override {
    TestEventListenerBase::sectionEnded(stats);
    if (--depth_ == 0) test::current_job()->meet(failed_);
  }

 private:
  int depth_ = 0;
  bool failed_ = false;
};

CATCH_REGISTER_LISTENER(MeetingListener)

bool runs_no_test(const Catch::ConfigData& config) {
  return config.showHelp || config.libIdentify || config.listTests || config.listTags ||
         config.listReporters || config.listTestNamesOnly;
}

int run_tests(Catch::Session& session, const jensen::Communicator& world) {
  test::Job job(world);
  world.broadcast(std::span(&session.configData().rngSeed, 1));  // the order of the tests may hang on it
  if (!world.is_root()) session.configData().outputFilename.clear();
  if (world.size() > 1) session.configData().useColour = Catch::UseColour::No;
  return job.finish(session.run());
}

}  // namespace

int main(int argc, char** argv) {
  Catch::Session session;
  if (const int code = session.applyCommandLine(argc, argv); code != 0) return code;
  if (runs_no_test(session.configData())) return session.run();
  jensen::Environment environment(argc, argv);
  return environment.run([&] { return run_tests(session, environment.world()); });
}
