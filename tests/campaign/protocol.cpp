#include <fmt/format.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "jensen/core/error.hpp"
#include "jensen/io/checkpoint_directory.hpp"
#include "jensen/io/model_file.hpp"
#include "killer.hpp"

// The checkpoint protocol without MPI: writers that are killed, files that are damaged, disks that are full.
// Prints one line of JSON; campaign.py runs it.
//
//     protocol kills DIRECTORY TRIALS SEED
//     protocol full CHECKPOINT DIRECTORY STEP
//     protocol damage CHECKPOINT FILE BITS SEED
//     protocol newest                              for each directory on standard input its newest checkpoint

using namespace jensen;
namespace fs = std::filesystem;

namespace {

void ignore(const std::string&) {}

std::string quoted(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    list += list.empty() ? "\"" : ", \"";
    for (const char c : text) list += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    list += '"';
  }
  return "[" + list + "]";
}

void kills(const fs::path& directory, std::int64_t trials, std::uint64_t seed) {
  campaign::Killer killer(directory, seed);
  for (std::int64_t i = 0; i < trials; ++i) killer.trial();
  const campaign::Kills& found = killer.found();
  fmt::print(
      "{{\"trials\": {}, \"killed\": {}, \"aimed\": {}, \"failed calls\": {}, \"left over\": {}, \"lost\": "
      "{}, "
      "\"most lost\": {}, \"unrecoverable\": {}}}\n",
      found.trials, found.killed, found.aimed, found.failed_calls, found.left_over, found.lost,
      found.most_lost, quoted(found.unrecoverable));
}

/// Room for every number of bytes from none to 1.2 checkpoints: a file is whole, or it is not there.
void full(const fs::path& checkpoint, const fs::path& directory, std::size_t step) {
  std::signal(SIGXFSZ, SIG_IGN);
  const Document document = io::read_model_file(checkpoint);
  fs::remove_all(directory);
  io::CheckpointDirectory checkpoints(directory, ignore);
  const std::size_t size = checkpoints.write(document);
  std::int64_t sizes = 0, refused = 0, written = 0;
  std::vector<std::string> wrong;
  rlimit unlimited = {};
  ::getrlimit(RLIMIT_FSIZE, &unlimited);
  for (std::size_t room = 0; room <= size + size / 5; room += step) {
    ++sizes;
    const fs::path before = checkpoints.latest();
    const rlimit limit = {room, unlimited.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    bool fitted = true;
    try {
      checkpoints.write(document);
    } catch (const IoError&) {
      fitted = false;
    }
    ::setrlimit(RLIMIT_FSIZE, &unlimited);
    ++(fitted ? written : refused);
    if (fitted != (room >= size)) wrong.push_back(fmt::format("{} bytes of room: written {}", room, fitted));
    for (const auto& entry : fs::directory_iterator(directory)) {
      const fs::path file = entry.path();
      if (file.extension() == ".tmp") wrong.push_back(fmt::format("{} bytes: {}", room, file.string()));
      if (file.extension() != ".h5") continue;
      for (const io::FileCheck& check : io::check_model_file(file))
        if (!check.fault.empty()) wrong.push_back(check.fault);
    }
    if (!fs::exists(before)) wrong.push_back(fmt::format("{} bytes: '{}' went", room, before.string()));
  }
  fmt::print("{{\"sizes\": {}, \"refused\": {}, \"written\": {}, \"wrong\": {}}}\n", sizes, refused, written,
             quoted(wrong));
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Whether the file is refused before anything of its content is interpreted.
bool is_refused(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
  for (const io::FileCheck& check : io::check_model_file(file))
    if (!check.fault.empty()) return true;
  return false;
}

void damage(const fs::path& checkpoint, const fs::path& file, std::int64_t bits, std::uint64_t seed) {
  const std::string whole = content_of(checkpoint);
  if (is_refused(file, whole)) throw std::runtime_error("the checkpoint itself is refused");
  std::vector<std::string> silent;
  std::string changed = whole;
  const auto flip = [&](std::size_t bit) {
    const auto with = static_cast<char>(1 << (bit % 8));
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ with);
    if (!is_refused(file, changed)) silent.push_back(fmt::format("bit {}", bit));
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ with);
  };
  constexpr std::size_t kHeaderBits = 512 * 8;
  for (std::size_t bit = 0; bit < kHeaderBits; ++bit) flip(bit);
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::size_t> any(kHeaderBits, whole.size() * 8 - 1);
  for (std::int64_t i = 0; i < bits; ++i) flip(any(random));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (!is_refused(file, whole.substr(0, length))) silent.push_back(fmt::format("length {}", length));
  }
  std::int64_t tails = 0;
  for (std::size_t from = 0; from < whole.size(); from += 512) {
    if (whole.find_first_not_of('\0', from) == std::string::npos) break;  // zeros already
    ++tails;
    std::string zeros = whole.substr(0, from);
    zeros.resize(whole.size());
    if (!is_refused(file, zeros)) silent.push_back(fmt::format("zeros from {} on", from));
  }
  fmt::print(
      "{{\"bytes\": {}, \"header bits\": {}, \"random bits\": {}, \"lengths\": {}, \"zero tails\": {}, "
      "\"silent\": {}}}\n",
      whole.size(), kHeaderBits, bits, whole.size(), tails, quoted(silent));
}

void newest() {
  for (std::string directory; std::getline(std::cin, directory);) {
    try {
      io::CheckpointDirectory checkpoints(directory, ignore);
      const auto found = checkpoints.newest();
      fmt::print("{}\n", found ? checkpoints.latest().filename().string() : "none");
    } catch (const Error& error) {
      fmt::print("error: {}\n", error.what());
    }
    std::fflush(stdout);
  }
}

int usage() {
  fmt::print(stderr, "usage: protocol kills|full|damage|newest ARGUMENT...; see protocol.cpp\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto is = [&](const char* command, std::size_t count) {
    return arguments.size() == count + 1 && arguments[0] == command;
  };
  if (is("kills", 3)) {
    kills(arguments[1], std::stoll(arguments[2]), std::stoull(arguments[3]));
  } else if (is("full", 3)) {
    full(arguments[1], arguments[2], std::stoull(arguments[3]));
  } else if (is("damage", 4)) {
    damage(arguments[1], arguments[2], std::stoll(arguments[3]), std::stoull(arguments[4]));
  } else if (is("newest", 0)) {
    newest();
  } else {
    return usage();
  }
  return 0;
}
