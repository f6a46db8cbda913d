#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace jensen::campaign {

struct Kills {
  std::int64_t trials = 0, aimed = 0, killed = 0, failed_calls = 0, left_over = 0, lost = 0, most_lost = 0;
  std::vector<std::string> unrecoverable = {};
};

/// Writers of checkpoints, in processes of their own, that are killed at a fail point or at any instant, or
/// whose calls fail; after each the directory must be as good as what had been acknowledged.
class Killer {
 public:
  Killer(std::filesystem::path directory, std::uint64_t seed);

  void trial();
  const Kills& found() const { return found_; }

 private:
  struct Shared;

  std::int64_t draw(std::int64_t least, std::int64_t most);
  std::size_t index(std::size_t count);
  std::string draw_plan();
  void begin_anew();
  void fail(const std::string& plan, const std::string& why);
  void inspect(const std::string& plan);
  [[noreturn]] void write_checkpoints(const std::string& plan);

  std::filesystem::path directory_;
  std::mt19937_64 random_;
  Shared* shared_;
  double usual_seconds_ = 0.05;  // of a writer that lives
  std::int64_t known_ = 0;       // mark of the newest checkpoint that was seen
  Kills found_;
};

}  // namespace jensen::campaign
