#include "io/fingerprint.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "io/record_scan.hpp"
#include "jensen/core/random.hpp"

using namespace jensen;
using io::Fingerprint;

namespace {

template <class T>
std::array<std::uint64_t, 2> fingerprint_of(Index features, bool weighted = false) {
  Fingerprint fingerprint(features);
  std::vector<T> values(static_cast<std::size_t>(100 * features));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(i) / 8 - 3;
  std::vector<double> weights;
  for (Index n = 0; weighted && n < 100; ++n) weights.push_back(static_cast<double>(n) + 0.5);
  for (const auto& [first, rows] : {std::pair<Index, Index>{0, 3}, {3, 96}, {99, 1}}) {
    const auto at = static_cast<std::size_t>(first), count = static_cast<std::size_t>(rows);
    fingerprint.add(
        first, rows, &values[at * static_cast<std::size_t>(features)],
        weighted ? std::span<const double>(weights).subspan(at, count) : std::span<const double>{});
  }
  return fingerprint.merged({});
}

using Lanes = std::array<std::uint64_t, 2>;

}  // namespace

TEST_CASE("fingerprints are those of the checkpoints that were ever written", "[io]") {
  CHECK(fingerprint_of<double>(1) == Lanes{0xb3ec677bc7e4db5b, 0x236bc604be34bc38});
  CHECK(fingerprint_of<double>(2) == Lanes{0x843b6c8ec5013e79, 0x9997634efe45401d});
  CHECK(fingerprint_of<double>(7) == Lanes{0x827184a9c0ac4a5e, 0x68b5a291a438cfec});
  CHECK(fingerprint_of<double>(64) == Lanes{0x56058d240e262150, 0xe1a86a90ecdcf99a});
  CHECK(fingerprint_of<double>(131) == Lanes{0xb13cb6686b4d01a2, 0x98b3f8b93df3cf26});
  CHECK(fingerprint_of<float>(131) == Lanes{0xb13cb6686b4d01a2, 0x98b3f8b93df3cf26});
  CHECK(fingerprint_of<double>(7, true) == Lanes{0xece7adf16e87556c, 0x3513f1ba0a21349e});
}

TEST_CASE("the range of the features, for any number of them, records and weights", "[io]") {
  Stream stream(5, Purpose::sampling, 0);
  for (const Index features : {1, 3, 8, 100, 255, 256, 257, 700}) {
    for (const Index rows : {1, 2, 5, 300}) {
      RowMatrix values = RowMatrix::NullaryExpr(rows, features, [&] { return stream.normal(); });
      if (rows > 1) values(1, features - 1) = 1e9;  // of the record that is left out if there are weights
      std::vector<double> weights(static_cast<std::size_t>(rows), 2.0);
      if (rows > 1) weights[1] = 0;
      for (const bool weighted : {false, true}) {
        io::RecordScan scan(features);
        scan.add(0, rows, values.data(),
                 weighted ? std::span<const double>(weights) : std::span<const double>{});
        scan.merge({});
        RowMatrix present = values;
        if (weighted && rows > 1) present.row(1) = present.row(0);
        CHECK(scan.minimum() == present.colwise().minCoeff().transpose());
        CHECK(scan.maximum() == present.colwise().maxCoeff().transpose());
      }
    }
  }
}

TEST_CASE("a zero of the range has no sign, so that no order can show", "[io]") {
  for (const bool negative_first : {false, true}) {
    io::RecordScan scan(1);
    const std::vector<double> values = {negative_first ? -0.0 : 0.0, negative_first ? 0.0 : -0.0};
    scan.add(0, 2, values.data(), {});
    scan.merge({});
    CHECK_FALSE(std::signbit(scan.minimum()[0]));
    CHECK_FALSE(std::signbit(scan.maximum()[0]));
  }
}
