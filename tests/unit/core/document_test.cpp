#include "jensen/core/document.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "jensen/core/error.hpp"

using Catch::Matchers::Contains;
using jensen::Document;
using jensen::Index;
using jensen::NdArray;

namespace {

Document example() {
  Document document;
  document.origin = "'model.h5'";
  document.set("/parameters/means", (jensen::RowMatrix(2, 3) << 1, 2, 3, 4, 5, 6).finished());
  document.set("/parameters/weights", jensen::Vector(jensen::Vector::LinSpaced(2, 0.25, 0.75)));
  document.set("/names", NdArray{{2}, std::vector<std::string>{"a", "b"}});
  document.set("/counts", NdArray{{}, std::vector<std::int64_t>{7}});
  document.set_attribute("/", "model", "gmm");
  document.set_attribute("/fit", "objective", -1.5);
  document.set_attribute("/fit", "iteration", std::int64_t{12});
  return document;
}

}  // namespace

TEST_CASE("a document gives back what was set", "[document]") {
  const Document document = example();
  CHECK(document.matrix("/parameters/means") == (jensen::RowMatrix(2, 3) << 1, 2, 3, 4, 5, 6).finished());
  CHECK(document.vector("/parameters/weights") == jensen::Vector::LinSpaced(2, 0.25, 0.75));
  CHECK(document.numbers("/parameters/means")[3] == 4);
  CHECK(document.array("/parameters/means").shape == std::vector<Index>{2, 3});
  CHECK(document.array("/parameters/means").size() == 6);
  CHECK(document.array("/names").size() == 2);
  CHECK(document.array("/counts").shape.empty());
  CHECK(document.text_attribute("/", "model") == "gmm");
  CHECK(document.number_attribute("/fit", "objective") == -1.5);
  CHECK(document.integer_attribute("/fit", "iteration") == 12);
  CHECK(document.number_attribute("/fit", "iteration") == 12.0);
  CHECK(document.arrays().size() == 4);
  CHECK(document.attributes().at("/fit").size() == 2);
}

TEST_CASE("a later value replaces an earlier one", "[document]") {
  Document document = example();
  document.set("/names", jensen::Vector(jensen::Vector::Ones(1)));
  document.set_attribute("/", "model", std::int64_t{3});
  CHECK(document.vector("/names")[0] == 1);
  CHECK(document.integer_attribute("/", "model") == 3);
}

TEST_CASE("a document says what it has", "[document]") {
  const Document document = example();
  CHECK(document.has("/names"));
  CHECK_FALSE(document.has("names"));
  CHECK_FALSE(document.has("/parameters"));
  CHECK(document.has_attribute("/fit", "objective"));
  CHECK_FALSE(document.has_attribute("/fit", "model"));
  CHECK_FALSE(document.has_attribute("/absent", "model"));
}

TEST_CASE("what is absent or of another kind is refused with its path and the file", "[document]") {
  const Document document = example();
  CHECK_THROWS_WITH(document.array("/absent"), Contains("'/absent'") && Contains("'model.h5'"));
  CHECK_THROWS_WITH(document.numbers("/names"), Contains("'/names'") && Contains("real numbers"));
  CHECK_THROWS_WITH(document.vector("/counts"), Contains("'/counts'"));
  CHECK_THROWS_WITH(document.vector("/parameters/means"), Contains("shape (2, 3)"));
  CHECK_THROWS_WITH(document.matrix("/parameters/weights"), Contains("shape (2)"));
  CHECK_THROWS_WITH(document.text_attribute("/fit", "absent"), Contains("'absent'") && Contains("'/fit'"));
  CHECK_THROWS_WITH(document.text_attribute("/fit", "objective"), Contains("'objective'"));
  CHECK_THROWS_WITH(document.number_attribute("/", "model"), Contains("not a number"));
  CHECK_THROWS_WITH(document.integer_attribute("/fit", "objective"), Contains("not an integer"));
  CHECK_THROWS_AS(document.array("/absent"), jensen::InputError);
}
