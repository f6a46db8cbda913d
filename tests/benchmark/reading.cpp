#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "bench.hpp"
#include "jensen/core/stopwatch.hpp"
#include "jensen/io/dataset.hpp"
#include "jensen/io/import_csv.hpp"

namespace bench {
namespace {

constexpr std::size_t kPiece = std::size_t{8} << 20;

/// Seconds of reading all of a file, each piece to where `place` says.
template <class Place>
double read_all(const std::string& file, std::size_t bytes, Place place) {
  const int descriptor = ::open(file.c_str(), O_RDONLY);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), file);
  const jensen::Stopwatch watch;
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t got = ::read(descriptor, place(done), std::min(kPiece, bytes - done));
    if (got <= 0) throw std::system_error(errno, std::generic_category(), file);
    done += static_cast<std::size_t>(got);
  }
  const double seconds = watch.seconds();
  ::close(descriptor);
  return seconds;
}

}  // namespace

Json raw_read(const std::string& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0) throw std::system_error(errno, std::generic_category(), file);
  const auto bytes = static_cast<std::size_t>(status.st_size);
  const auto piece = std::make_unique<std::byte[]>(kPiece);
  const double again = read_all(file, bytes, [&](std::size_t) { return piece.get(); });
  const std::unique_ptr<std::byte[]> fresh(new std::byte[bytes]);  // not touched yet
  const double first = read_all(file, bytes, [&](std::size_t done) { return fresh.get() + done; });
  return {{"bytes", bytes}, {"new", first}, {"again", again}};
}

Json load(const std::string& file) {
  const jensen::io::LoadedData data = jensen::io::load(jensen::io::inspect(file + ":/data", {}), {}, {});
  const bool floats =
      jensen::io::inspect(file + ":/data", {}).storage == jensen::DenseShard::Storage::float32;
  return {{"bytes", data.shard.global_records() * data.shard.features() * (floats ? 4 : 8)},
          {"seconds", data.read_seconds}};
}

Json import(const std::string& text, const std::string& output) {
  const jensen::io::ImportSummary summary = jensen::io::import_csv(text, output, {});
  return {{"bytes", summary.bytes}, {"seconds", summary.seconds}};
}

}  // namespace bench
