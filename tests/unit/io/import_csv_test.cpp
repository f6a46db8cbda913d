#include "jensen/io/import_csv.hpp"

#include <hdf5.h>

#include <array>
#include <catch2/catch.hpp>
#include <charconv>
#include <cmath>
#include <fstream>
#include <random>

#include "import_fixture.hpp"
#include "io/import_csv_pieces.hpp"
#include "jensen/core/error.hpp"

using Catch::Matchers::Contains;
using jensen::InputError;
using jensen::IoError;
using jensen::UsageError;
using jensen::io::CsvOptions;
using jensen::io::import_csv;
using namespace jensen::testing;
using Header = CsvOptions::Header;
using Names = std::vector<std::string>;
using Values = std::vector<double>;

TEST_CASE("a plain table becomes a dataset", "[import_csv]") {
  const Workplace place;
  const auto table = place.import("a,b\n1,2\n3.5,-4e2\n");
  CHECK(table.summary.records == 2);
  CHECK(table.summary.features == 2);
  CHECK(table.summary.feature_names == Names{"a", "b"});
  CHECK(table.summary.bytes == 17);
  CHECK(table.shape == std::vector<hsize_t>{2, 2});
  CHECK(table.names == Names{"a", "b"});
  CHECK(table.values == Values{1, 2, 3.5, -400});
}

TEST_CASE("layouts of a text table", "[import_csv]") {
  const Workplace place;
  const auto values = [&](const std::string& text, const CsvOptions& options = {}) {
    return place.import(text, options).values;
  };
  const Values four{1, 2, 3, 4};
  CHECK(values("1,2\n3,4") == four);        // no last newline
  CHECK(values("1,2\r\n3,4\r\n") == four);  // CRLF
  CHECK(values("1,2\r\n3,4\r") == four);    // cut within CRLF
  CHECK(values("\xEF\xBB\xBF"
               "1,2\n3,4\n") == four);  // byte order mark
  CHECK(values("\xEF\xBB\xBF\"a\",b\n1,2\n3,4\n") == four);
  CHECK(values("\n\n1,2\n  \n\r\n3,4\n\n\t\n") == four);  // blank lines
  CHECK(values("  1 ,\t2\n3  ,  4 \n") == four);
  CHECK(values("+1,2.\n3e0,+.4e1\n") == four);
  CHECK(values("\"1\",\"2\"\n\"3\",\"4\"\n") == four);
  CHECK(values("\"1\" ,2\n 3, \" 4 \"\n") == four);
  CHECK(values("1\n2\n3\n4\n") == four);
  CHECK(values("petal length\n1\n2\n3\n4\n") == four);
  CHECK(values("a,b\n1,2\n3,4\n", {.header = Header::yes}) == four);
  CHECK(values("1,2\n3,4\n", {.header = Header::no}) == four);
}

TEST_CASE("delimiters are found or named", "[import_csv]") {
  const Workplace place;
  const auto values = [&](const std::string& text, const CsvOptions& options = {}) {
    return place.import(text, options).values;
  };
  const Values four{1.5, 2, 3, 4};
  CHECK(values("1.5,2\n3,4\n") == four);
  CHECK(values("1.5;2\n3;4\n") == four);
  CHECK(values("1.5\t2\n3\t4\n") == four);
  CHECK(values("1.5|2\n3|4\n") == four);
  CHECK(values("1.5 2\n3 4\n") == four);
  CHECK(values("  1.5   2 \n3    4\n") == four);
  CHECK(values("1.5 \t2 \n 3\t\t4\n", {.delimiter = " "}) == four);
  CHECK(values("1.5, 2\n3, 4\n") == four);
  CHECK(values("a b;c d\n1.5;2\n3;4\n") == four);
  CHECK(values("\"a,b\"\t\"c,d\"\n1.5\t2\n3\t4\n") == four);
  CHECK(values("1.5:2\n3:4\n", {.delimiter = ":"}) == four);
  CHECK(values("1.5#2\n3#4\n", {.delimiter = "#"}) == four);
  CHECK(values("1.5,2\n3,4\n", {.delimiter = ","}) == four);
  CHECK(values("1.5\t2\n3\t4\n", {.delimiter = " "}) == four);
  for (const char* unusable : {"||", "5", "e", "+", ".", "\"", "\n", "\xC2\xA7"}) {
    CHECK_THROWS_AS(values("1,2\n", {.delimiter = unusable}), UsageError);
  }
}

TEST_CASE("the first line is a header where it has text alone", "[import_csv]") {
  const Workplace place;
  CHECK(place.import("a,b\n1,2\n").names == Names{"a", "b"});
  CHECK(place.import("1,2\n3,4\n").names.empty());
  CHECK(place.import("\"1\",\"2\"\n\"3\",\"4\"\n").names.empty());
  CHECK(place.import("\"2019\",\"2020\"\n3,4\n").names == Names{"2019", "2020"});
  CHECK(place.import("\"id\",\"2020\"\n3,4\n").names == Names{"id", "2020"});
  CHECK(place.import("\"a\",\"b\"\n\"3\",\"4\"\n").names == Names{"a", "b"});
  CHECK(place.import("\"\",\"b\"\n3,4\n").names == Names{"", "b"});
  CHECK(place.import("Na,K\n3,4\n").names == Names{"Na", "K"});
  CHECK(place.import("1,2\n3,4\n", {.header = Header::yes}).names == Names{"1", "2"});
  CHECK(
      place.refusal("id,2020\n3,4\n") ==
      "cannot tell whether line 1 of 'in.csv' holds names or numbers (column 1 is 'id', column 2 is '2020'); "
      "say "
      "--header yes if it holds names; if not, say --header no and leave columns of text out with --columns");
  CHECK_THAT(place.refusal("NA,2\n3,4\n"), Contains("line 1, column 1 holds 'NA'"));
  CHECK_THAT(place.refusal("a,b\n3,4\n", {.header = Header::no}), Contains("line 1, column 1 holds 'a'"));
}

TEST_CASE("names are kept as written", "[import_csv]") {
  const Workplace place;
  const auto table = place.import("\"say \"\"x\"\"\",\"two\nlines\", L\xC3\xA4nge ,\"a,b\"\n1,2,3,4\n");
  CHECK(table.names == Names{"say \"x\"", "two\nlines", "L\xC3\xA4nge", "a,b"});
  CHECK(table.values == Values{1, 2, 3, 4});
  CHECK_THAT(place.refusal("a,L\xE4nge\n1,2\n"), Contains("the name of column 2 of 'in.csv' is not UTF-8"));

  std::string wide, row;
  Names names;
  for (int i = 0; i < 10000; ++i) {
    names.push_back("feature_" + std::to_string(i));
    wide += (i > 0 ? "," : "") + names.back();
    row += i > 0 ? ",1" : "1";
  }
  CHECK(place.import(wide + "\n" + row + "\n").names == names);
}

TEST_CASE("columns are kept by name or number, in the order named", "[import_csv]") {
  const Workplace place;
  const std::string text = "kind,x,y,note\nred,1,2,\"a, \"\"b\"\"\n and c\"\nblue,3,4,\ngrey,5,6,n/a\n";
  CHECK(place.import(text, {.columns = {"x", "y"}}).values == Values{1, 2, 3, 4, 5, 6});
  const auto table = place.import(text, {.columns = {"3", "x"}});
  CHECK(table.values == Values{2, 1, 4, 3, 6, 5});
  CHECK(table.names == Names{"y", "x"});
  CHECK(place.import("1,red,2\n3,blue,4\n", {.columns = {"3", "1"}}).values == Values{2, 1, 4, 3});
  CHECK(place.import("1 red 2\n3 blue 4\n", {.columns = {"1"}}).values == Values{1, 3});
  CHECK(place.import("2,1\n7,8\n", {.header = Header::yes, .columns = {"1"}}).values == Values{8});

  CHECK(place.refusal(text, {.columns = {"X2"}}) == "no column 'X2' in 'in.csv'; did you mean 'x'?");
  CHECK_THAT(place.refusal(text, {.columns = {"nots"}}), Contains("did you mean 'note'?"));
  CHECK_THAT(place.refusal(text, {.columns = {"weight"}}), Contains("name one of its 4 columns"));
  CHECK_THAT(place.refusal(text, {.columns = {"5"}}), Contains("no column '5'"));
  CHECK_THAT(place.refusal(text, {.columns = {"x", "2"}}),
             Contains("column 2 ('x') of 'in.csv' is wanted twice"));
  CHECK_THAT(place.refusal("a,a\n1,2\n", {.columns = {"a"}}),
             Contains("columns 1 and 2 of 'in.csv' are both named"));
  CHECK_THAT(place.refusal("1,2\n", {.header = Header::no, .columns = {"x"}}),
             Contains("it has 2 columns and no names for them"));
  CHECK_THAT(place.refusal("1 red 2\n3 blue \n", {.columns = {"1"}}),
             Contains("line 2 has 2 cells (must be 3"));
}

TEST_CASE("numbers are rounded correctly", "[import_csv]") {
  const Workplace place;
  CHECK(place.import("0.1,1e23,9007199254740993,1.7976931348623157e308\n").values ==
        Values{0.1, 1e23, 9007199254740992, 1.7976931348623157e308});
  CHECK(place.import("5e-324,1e-400,0." + std::string(400, '0') + "1,1e-99999999999999999999\n").values ==
        Values{5e-324, 0, 0, 0});
  CHECK(std::signbit(place.import("-1e-400\n").values[0]));
  CHECK(place.import("1000" + std::string(400, '0') + "e-400\n").values == Values{1000});
  CHECK_THAT(place.refusal("1e400\n"), Contains("'1e400' (too large for float64, at most 1.8e308)"));
  CHECK_THAT(place.refusal("-1" + std::string(400, '0') + "\n"), Contains("too large for float64"));
  CHECK_THAT(place.refusal("1e99999999999999999999\n"), Contains("too large for float64"));

  const auto narrow = place.import("0.1,16777217,1e-50\n", {.float32 = true});
  CHECK(narrow.bytes_per_value == 4);
  CHECK(narrow.values == Values{0.1f, 16777216, 0});
  CHECK_THAT(place.refusal("1e39\n", {.float32 = true}), Contains("too large for float32"));
}

TEST_CASE("a bad cell is named by line, column and content", "[import_csv]") {
  const Workplace place;
  CHECK(place.refusal("a,b\n1,2\n3,abc\n") ==
        "'in.csv' line 3, column 2 ('b') holds 'abc' (must be a number such as -1.5 or 2e-3); correct it, or "
        "leave "
        "out the record, or the column with --columns");
  CHECK_THAT(place.refusal("1,2\n3,\n"),
             Contains("line 2, column 2 is empty (missing values cannot be used)"));
  CHECK_THAT(place.refusal("1,2\n\"\",4\n"), Contains("line 2, column 1 is empty"));
  for (const char* missing : {"NA", "NaN", "nan", "-nan", "N/A", "null"}) {
    CHECK_THAT(place.refusal(std::string("1,2\n3,") + missing + "\n"),
               Contains(std::string("line 2, column 2 holds '") + missing + "' (missing values"));
  }
  for (const char* infinite : {"inf", "-inf", "+Inf", "infinity"}) {
    CHECK_THAT(place.refusal(std::string("1,2\n") + infinite + ",3\n"), Contains("must be a finite number"));
  }
  for (const char* bad :
       {"1e", "1d3", "0x10", "1_000", "+-1", "++1", "-", "+", ".", "1 2", "5\"", "nan(1)x", "1,5"}) {
    CHECK_THAT(place.refusal(std::string("1;2\n") + bad + ";3\n"), Contains("line 2, column 1 holds"));
  }
  CHECK_THAT(place.refusal("1,5;2,5\n1,5;2,5\n"), Contains("decimal point, such as '1.5'"));
  CHECK_THAT(place.refusal("a,b\n1,\"x\ny\"\n"), Contains("line 2, column 2 ('b') holds 'x\\x0ay'"));
  CHECK_THAT(place.refusal("\"a\nb\",c\n\n1,2\n3,?\n"), Contains("line 5, column 2"));
  CHECK_THAT(place.refusal("n,a\n\"x\ny\",1\nz,bad\n", {.columns = {"a"}}), Contains("line 4, column 2"));
  CHECK_THAT(place.refusal("1\n" + std::string(39, 'x') + "\xC3\xA4yz\n"),
             Contains("'" + std::string(39, 'x') + "...'"));
}

TEST_CASE("faulty lines are refused", "[import_csv]") {
  const Workplace place;
  CHECK(place.refusal("a,b\n1,2\n1,2,3\n") ==
        "'in.csv' line 3 has 3 cells (must be 2, as in line 1, with ',' as the delimiter); correct the line, "
        "or "
        "name the right delimiter with --delimiter");
  CHECK_THAT(place.refusal("\n1,2\n3\n"), Contains("line 3 has 1 cell (must be 2, as in line 2"));
  CHECK_THAT(place.refusal("1,2\n\"3\"x,4\n"),
             Contains("line 2, column 1 has text behind the closing quote of '3'"));
  CHECK_THAT(place.refusal("1,2\n3,\"4\n5,6\n"),
             Contains("line 2, column 2 opens a quote that is never closed"));
  CHECK_THAT(place.refusal("1\t2\n\t\n"), Contains("line 2, column 1 is empty"));
  CHECK_THAT(place.refusal("1\t\t2\n3\t\t4\n"), Contains("line 1, column 2 is empty"));
}

TEST_CASE("inputs that are no table are refused", "[import_csv]") {
  const Workplace place;
  CHECK(place.refusal("") == "'in.csv' is empty (must hold at least one record)");
  CHECK_THAT(place.refusal("\xEF\xBB\xBF"), Contains("(must hold at least one record)"));
  CHECK(place.refusal(" \n\r\n\n") ==
        "'in.csv' holds nothing but blank lines (must hold at least one record)");
  CHECK(place.refusal("a,b\n") ==
        "'in.csv' holds a header line and no records (must hold at least one record)");
  CHECK_THAT(place.refusal("1,2", {.header = Header::yes}), Contains("header line and no records"));
  CHECK_THAT(place.refusal("\x1F\x8B\x08 binary"), Contains("is compressed"));
  CHECK_THAT(place.refusal("\xFF\xFE"
                           "1"),
             Contains("is UTF-16 text"));
  CHECK_THAT(place.refusal("\x89HDF\r\n"), Contains("is an HDF5 file"));
  CHECK_THROWS_WITH(
      import_csv("absent.csv", place.output(), {}),
      "cannot open 'absent.csv' (No such file or directory); check the path and its permissions");
  CHECK_THROWS_AS(import_csv("absent.csv", place.output(), {}), InputError);
  CHECK_THROWS_WITH(import_csv(place.directory(), place.output(), {}), Contains("it is a directory"));
  CHECK_THROWS_AS(import_csv(place.directory(), place.output(), {}), InputError);
}

TEST_CASE("an output that cannot be written", "[import_csv]") {
  const Workplace place;
  const auto input = place.write("1,2\n");
  CHECK_THROWS_AS(import_csv(input, place.directory() / "absent" / "out.h5", {}), IoError);
  CHECK_THROWS_WITH(import_csv(input, place.directory(), {}), Contains("it is a directory"));
  CHECK_THROWS_AS(import_csv(input, "/dev/null", {}), IoError);
  CHECK_THROWS_AS(import_csv(input, input, {}), UsageError);
  for (const char* path : {"", "/", "/data/"}) {
    CHECK_THROWS_AS(import_csv(input, place.output(), {.dataset = path}), UsageError);
  }
  CHECK(place.files() == Names{"in.csv"});
}

TEST_CASE("nothing but a complete file appears under the output's name", "[import_csv]") {
  const Workplace place;
  const std::string good = "1,2\n3,4\n", bad = "1,2\n3,x\n";
  place.refusal(bad);
  CHECK(place.files() == Names{"in.csv"});
  place.import(good);
  CHECK(place.files() == Names{"in.csv", "out.h5"});
  const std::string before = place.read("out.h5");
  place.refusal(bad);
  CHECK(place.read("out.h5") == before);
  CHECK(place.files() == Names{"in.csv", "out.h5"});
  place.import("5,6\n");
  CHECK(place.read_output("/data").values == Values{5, 6});

  struct Cancelled {};
  CHECK_THROWS_AS(import_csv(place.write(good), place.output(), {},
                             [](const jensen::io::ImportProgress&) { throw Cancelled(); }),
                  Cancelled);
  CHECK(place.read_output("/data").values == Values{5, 6});
  CHECK(place.files() == Names{"in.csv", "out.h5"});
}

TEST_CASE("the dataset's name, equal files, progress", "[import_csv]") {
  const Workplace place;
  place.import("1,2\n3,4\n", {.dataset = "/a/b"});
  CHECK(place.read_output("/a/b").values == Values{1, 2, 3, 4});
  place.import("1,2\n");
  const std::string once = place.read("out.h5");
  place.import("1,2\n");
  CHECK(place.read("out.h5") == once);

  std::vector<jensen::io::ImportProgress> seen;
  import_csv(place.write("1,2\n3,4\n"), place.output(), {},
             [&](const jensen::io::ImportProgress& progress) { seen.push_back(progress); });
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].bytes_read == 8);
  CHECK(seen[0].bytes_total == 8);
  CHECK(seen[0].records == 2);
}

TEST_CASE("real tables", "[import_csv]") {
  const Workplace place;
  const auto iris = place.import_file(TEST_DATA_DIR "/iris.csv");
  CHECK(iris.shape == std::vector<hsize_t>{150, 4});
  CHECK(iris.names == Names{"Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width"});
  CHECK(Values(iris.values.begin(), iris.values.begin() + 4) == Values{5.1, 3.5, 1.4, 0.2});
  const auto gvhd = place.import_file(TEST_DATA_DIR "/gvhd_pos.csv");
  CHECK(gvhd.shape == std::vector<hsize_t>{9083, 4});
  CHECK(gvhd.names == Names{"CD4", "CD8b", "CD3", "CD8"});
  CHECK(gvhd.values == plain_reading(TEST_DATA_DIR "/gvhd_pos.csv"));
}

TEST_CASE("a piece may end anywhere", "[import_csv]") {
  const Workplace place;
  const std::string text =
      "\xEF\xBB\xBF\"x, \"\"1\"\"\",\"y\r\nz\" , w\r\n\r\n 12.5e+3 ,\"-7\",+3\r\n\n\"1\",2,\"3\"\n 4\t,\"\" "
      ",6\r\n";
  const std::string complete = text.substr(0, text.rfind("\"\"")) + "5,6e-2\n\n-0.125,\" 8 \",9\r";
  const auto input = place.write(complete);
  for (std::size_t piece = 1; piece <= complete.size() + 1; ++piece) {
    const jensen::io::csv::Limits limits{.piece_bytes = piece, .sample_bytes = 4};
    import_in_pieces(input, place.output(), {.delimiter = ","}, {}, limits);
    const auto table = place.read_output("/data");
    CHECK(table.names == Names{"x, \"1\"", "y\r\nz", "w"});
    CHECK(table.values == Values{12500, -7, 3, 1, 2, 3, 4, 5, 6e-2, -0.125, 8, 9});

    place.write(text);
    CHECK_THROWS_WITH(import_in_pieces(input, place.output(), {.delimiter = ","}, {}, limits),
                      Contains("line 7, column 2 ('y\\x0d\\x0az') is empty"));
    place.write(complete);
  }
  const jensen::io::csv::Limits small{.piece_bytes = 16, .sample_bytes = 16, .record_bytes = 64};
  place.write("1,2\n3,\"" + std::string(100, '\n'));
  CHECK_THROWS_WITH(import_in_pieces(input, place.output(), {}, {}, small),
                    Contains("line 2: the record that starts here is longer than 64 bytes"));
}

TEST_CASE("a large table with a bad last line, and without", "[import_csv][large]") {
  const Workplace place;
  constexpr std::size_t kRows = 400'000, kColumns = 4;
  std::mt19937_64 random(7);
  Values values;
  std::string text;
  for (std::size_t i = 0; i < kRows * kColumns; ++i) {
    std::array<char, 32> digits;
    values.push_back(std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 40) - 80));
    text.append(digits.data(), std::to_chars(digits.data(), digits.data() + 32, values.back()).ptr);
    text += i % kColumns == kColumns - 1 ? '\n' : ',';
  }
  REQUIRE(text.size() > 30'000'000);
  const auto table = place.import(text);
  CHECK(table.shape == std::vector<hsize_t>{kRows, kColumns});
  CHECK(table.chunk == std::vector<hsize_t>{32768, kColumns});
  CHECK(table.maximum[0] == H5S_UNLIMITED);
  CHECK((table.values == values));
  CHECK_THAT(place.refusal(text + "1,2,3,4.5.6"), Contains("line 400001, column 4 holds '4.5.6'"));
}
