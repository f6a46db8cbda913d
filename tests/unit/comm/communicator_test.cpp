#include "jensen/comm/communicator.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "jensen/core/error.hpp"

using jensen::Communicator;
using jensen::ExactSum;

TEST_CASE("a communicator by default is rank 0 of 1", "[communicator]") {
  const Communicator serial;
  CHECK(serial.rank() == 0);
  CHECK(serial.size() == 1);
  CHECK(serial.is_root());
  CHECK(serial.seconds() == 0);
  CHECK_NOTHROW(serial.barrier());
}

TEST_CASE("serial collectives return what was brought", "[communicator]") {
  const Communicator serial = Communicator().with_count_limit(1);
  std::vector<std::int64_t> integers = {3, -4, 5};
  serial.all_sum(integers);
  serial.all_min(integers);
  serial.all_max(integers);
  serial.broadcast(std::span(integers));
  CHECK(integers == std::vector<std::int64_t>{3, -4, 5});
  CHECK(serial.sum(7) == 7);
  CHECK(serial.min(-2.5) == -2.5);
  CHECK(serial.max(std::int64_t{9}) == 9);
  CHECK(serial.all_gather(std::span<const std::int64_t>(integers)) == integers);
  std::string text = "note";
  serial.broadcast(text);
  CHECK(text == "note");
  const Communicator::Located located = serial.min_location({.value = 0.5, .index = 11});
  CHECK(located.value == 0.5);
  CHECK(located.index == 11);
}

TEST_CASE("a serial merge changes nothing", "[communicator]") {
  ExactSum sum(2);
  sum.add(std::vector<double>{1, 2});
  std::vector<ExactSum::Element> elements(2);
  sum.store(elements);
  Communicator().merge(elements);
  sum.load(elements);
  std::vector<double> sums(2);
  sum.round_into(sums);
  CHECK(sums == std::vector<double>{1, 2});
}

TEST_CASE("serial work throws as it is, and runs once", "[communicator]") {
  const Communicator serial;
  int runs = 0;
  serial.agree([&] { ++runs; });
  serial.on_root([&] { ++runs; });
  CHECK(runs == 2);
  CHECK_THROWS_AS(serial.agree([] { throw jensen::InputError("bad record"); }), jensen::InputError);
  CHECK_THROWS_WITH(serial.on_root([] { throw jensen::InputError("bad record"); }), "bad record");
  CHECK_THROWS_AS(serial.agree([] { throw std::logic_error("defect"); }), std::logic_error);
}
