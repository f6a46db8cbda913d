#include "jensen/io/dataset.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

#include "unit/io/hdf5_files.hpp"

using namespace jensen;
using test::Layout;
using test::TempDir;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> counting(std::size_t count) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), 0.0);
  return values;
}

io::LoadedData load(const std::string& name, const io::ReadOptions& options = {}) {
  return io::load(io::inspect(name, {}), options, {});
}

std::string load_sentence(const std::string& name, const io::ReadOptions& options = {}) {
  ExitCode code = ExitCode::success;
  const std::string text = test::sentence_of([&] { load(name, options); }, &code);
  CHECK(code == ExitCode::input_rejected);
  return text;
}

/// All records, in order.
std::vector<double> values_of(const DenseShard& shard) {
  std::vector<double> values;
  for (Index own = 0; own < shard.partition().own_records(); ++own) {
    const RowVector record = shard.original_record(own);
    values.insert(values.end(), record.data(), record.data() + record.size());
  }
  return values;
}

/// A file "d.h5" with one data set "/data".
template <class T>
std::string single(const TempDir& directory, const Layout& layout, const std::vector<T>& values) {
  const test::Handle file = io::create_output(directory.file("d.h5"));
  test::add_dataset(file.get(), "data", layout, values);
  return directory.file("d.h5");
}

}  // namespace

TEST_CASE("numbers of every size and byte order are read exactly", "[io]") {
  const TempDir directory;
  const hid_t types[] = {H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_STD_I8LE,
                         H5T_STD_U8BE,   H5T_STD_I16LE,  H5T_STD_U16BE,  H5T_STD_I32LE,  H5T_STD_I32BE,
                         H5T_STD_U32BE,  H5T_STD_I64LE,  H5T_STD_I64BE,  H5T_STD_U64BE};
  const std::vector<double> values = counting(60);
  std::array<std::uint64_t, 2> fingerprint = {};
  for (const hid_t type : types) {
    for (const bool chunked : {false, true}) {
      Layout layout{.shape = {20, 3}, .type = type};
      if (chunked) layout.chunk = {7, 2}, layout.deflate = 4;
      const std::string file = single(directory, layout, values);
      const io::DatasetInfo info = io::inspect(file, {});
      CHECK(info.name() == file + ":/data");
      const bool small =
          H5Tget_size(type) <= 2 || H5Tequal(type, H5T_IEEE_F32LE) || H5Tequal(type, H5T_IEEE_F32BE);
      CHECK((info.storage == DenseShard::Storage::float32) == small);
      for (const std::int64_t piece_bytes : {1, 50, 1 << 20}) {
        const io::LoadedData data = load(file, {.piece_bytes = piece_bytes});
        CHECK(values_of(data.shard) == values);
        CHECK(data.minimum == Vector{{0, 1, 2}});
        CHECK(data.maximum == Vector{{57, 58, 59}});
        if (fingerprint[0] == 0) fingerprint = data.fingerprint;
        CHECK(data.fingerprint == fingerprint);
      }
    }
  }
}

TEST_CASE("the data set is found by name or by being the only one", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("two.h5");
  {
    const test::Handle out = io::create_output(file);
    test::add_dataset(out.get(), "group/x", {.shape = {4, 2}, .feature_names = {"a", "b"}}, counting(8));
    test::add_dataset(out.get(), "labels", {.shape = {4}}, counting(4));
  }
  const io::DatasetInfo info = io::inspect(file, {});
  CHECK(info.dataset == "/group/x");
  CHECK(info.records == 4);
  CHECK(info.features == 2);
  CHECK(info.feature_names == std::vector<std::string>{"a", "b"});
  CHECK(load(file).shard.info().feature_names == info.feature_names);
  CHECK(test::sentence_of([&] { io::inspect(file + ":/data", {}); }) ==
        "no data set '/data' in '" + file + "'; the file holds /group/x (4 x 2), /labels (4)");
  CHECK(test::sentence_of([&] { io::inspect(file + ":/group", {}); }) ==
        "'" + file + ":/group' is not a data set; the file holds /group/x (4 x 2), /labels (4)");
  {
    const test::Handle out(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    test::add_dataset(out.get(), "y", {.shape = {4, 1}}, counting(4));
  }
  CHECK(test::sentence_of([&] { io::inspect(file, {}); }) ==
        "'" + file + "' has 2 data sets that could be meant: /group/x (4 x 2), /y (4 x 1); name one, as in " +
            file + ":/group/x");
}

TEST_CASE("feature names may be of fixed length and must be as many as features", "[io]") {
  const TempDir directory;
  const std::string file = single(directory, {.shape = {2, 2}}, counting(4));
  const auto add_names = [&](hsize_t count) {
    const test::Handle out(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    const test::Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.get(), 4);
    const test::Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const test::Handle data(H5Dopen2(out.get(), "data", H5P_DEFAULT), H5Dclose);
    H5Adelete(data.get(), "feature_names");
    const test::Handle attribute(
        H5Acreate2(data.get(), "feature_names", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    H5Awrite(attribute.get(), type.get(), "age\0sizemore");
  };
  add_names(2);
  CHECK(io::inspect(file, {}).feature_names == std::vector<std::string>{"age", "size"});
  add_names(3);
  CHECK(test::sentence_of([&] { io::inspect(file, {}); }) ==
        "the attribute 'feature_names' of '" + file +
            ":/data' has 3 names (the data set has 2 features); remove or correct it");
}

TEST_CASE("files that are no HDF5 input are refused", "[io]") {
  const TempDir directory;
  CHECK(load_sentence(directory.file("none.h5")) ==
        "cannot open '" + directory.file("none.h5") +
            "' (No such file or directory); name an HDF5 file that can be read");
  CHECK_THAT(load_sentence(directory.path().string()),
             Catch::EndsWith("is a directory (must be an HDF5 file)"));
  const std::string csv = directory.file("a.csv");
  test::write_file(csv, "x,y\n1,2\n");
  CHECK(load_sentence(csv) == "'" + csv +
                                  "' is not an HDF5 file; a CSV file is converted by 'jensen import " + csv +
                                  " -o DATA.h5'");
  const std::string empty = directory.file("empty.h5");
  io::create_output(empty);
  CHECK_THAT(load_sentence(empty), Catch::Contains("no numeric data set of two dimensions") &&
                                       Catch::EndsWith("the file holds no data set"));
}

TEST_CASE("data sets of another shape are refused", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("shapes.h5");
  {
    const test::Handle out = io::create_output(file);
    test::add_dataset(out.get(), "one", {.shape = {6}}, counting(6));
    test::add_dataset(out.get(), "three", {.shape = {1, 2, 3}}, counting(6));
    test::add_dataset(out.get(), "none", {.shape = {0, 3}}, counting(0));
    test::add_dataset(out.get(), "flat", {.shape = {3, 0}}, counting(0));
    test::add_dataset(out.get(), "scalar", {}, counting(1));
    test::create_dataset(
        out.get(), "huge",
        {.shape = {Index{1} << 40, Index{1} << 40}, .type = H5T_NATIVE_DOUBLE, .chunk = {2, 2}});
  }
  const auto sentence = [&](const std::string& name) { return load_sentence(file + ":/" + name); };
  CHECK_THAT(sentence("one"),
             Catch::EndsWith(":/one' has shape 6 (must have two dimensions, records x features; "
                             "one feature is N x 1)"));
  CHECK_THAT(sentence("three"), Catch::Contains("has shape 1 x 2 x 3 (must have two dimensions"));
  CHECK_THAT(sentence("scalar"), Catch::Contains("has shape scalar (must have two dimensions"));
  CHECK_THAT(sentence("none"),
             Catch::EndsWith("has shape 0 x 3 (must have at least one record and one feature)"));
  CHECK_THAT(sentence("flat"),
             Catch::EndsWith("has shape 3 x 0 (must have at least one record and one feature)"));
  CHECK_THAT(sentence("huge"), Catch::Contains("1099511627776 x 1099511627776, more values than"));
}

TEST_CASE("types that are no plain numbers are refused", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("types.h5");
  {
    const test::Handle out = io::create_output(file);
    const auto add = [&](const char* name, hid_t type) {
      test::create_dataset(out.get(), name, {.shape = {2, 2}, .type = type});
    };
    const test::Handle half(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
    H5Tset_fields(half.get(), 15, 10, 5, 0, 10);
    H5Tset_size(half.get(), 2);
    H5Tset_ebias(half.get(), 15);
    add("half", half.get());
    add("long", H5T_NATIVE_LDOUBLE);
    add("text", H5T_C_S1);
    const test::Handle compound(H5Tcreate(H5T_COMPOUND, 8), H5Tclose);
    H5Tinsert(compound.get(), "x", 0, H5T_NATIVE_DOUBLE);
    add("compound", compound.get());
    const test::Handle boolean(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
    const std::int8_t no = 0;
    H5Tenum_insert(boolean.get(), "FALSE", &no);
    add("boolean", boolean.get());
  }
  const auto sentence = [&](const std::string& name) { return load_sentence(file + ":/" + name); };
  CHECK_THAT(sentence("half"),
             Catch::Contains("holds 16-bit floating-point numbers (must be IEEE numbers of 32"));
  CHECK_THAT(sentence("long"), Catch::Contains("holds 128-bit floating-point numbers"));
  CHECK_THAT(sentence("text"),
             Catch::Contains("holds strings (must hold integers or floating-point numbers)"));
  CHECK_THAT(sentence("compound"), Catch::Contains("holds records with named fields (a compound type)"));
  CHECK_THAT(sentence("boolean"), Catch::Contains("holds an enumeration (as booleans are stored)"));
}

TEST_CASE("values that were never written or lie elsewhere are refused", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("holes.h5");
  {
    const test::Handle out = io::create_output(file);
    test::create_dataset(out.get(), "never", {.shape = {4, 2}, .type = H5T_NATIVE_DOUBLE});
    const test::Handle partly = test::create_dataset(
        out.get(), "partly", {.shape = {4, 2}, .type = H5T_NATIVE_DOUBLE, .chunk = {2, 2}, .deflate = 1});
    const test::Handle space(H5Dget_space(partly.get()), H5Sclose);
    const test::Handle rows = io::select_rows(space.get(), {4, 2}, 0, 2);
    H5Dwrite(partly.get(), H5T_NATIVE_DOUBLE, rows.get(), space.get(), H5P_DEFAULT, counting(4).data());

    const test::Handle plane = io::make_space({4, 2});
    const test::Handle external = io::make_properties(H5P_DATASET_CREATE);
    H5Pset_external(external.get(), directory.file("raw").c_str(), 0, 64);
    test::Handle(H5Dcreate2(out.get(), "external", H5T_NATIVE_DOUBLE, plane.get(), H5P_DEFAULT,
                            external.get(), H5P_DEFAULT),
                 H5Dclose);
    const test::Handle virtual_layout = io::make_properties(H5P_DATASET_CREATE);
    H5Pset_virtual(virtual_layout.get(), plane.get(), "other.h5", "x", plane.get());
    test::Handle(H5Dcreate2(out.get(), "virtual", H5T_NATIVE_DOUBLE, plane.get(), H5P_DEFAULT,
                            virtual_layout.get(), H5P_DEFAULT),
                 H5Dclose);
  }
  const auto sentence = [&](const std::string& name) { return load_sentence(file + ":/" + name); };
  CHECK_THAT(sentence("never"), Catch::Contains("was created but not all of its values were ever written"));
  CHECK_THAT(sentence("partly"), Catch::Contains("was created but not all of its values were ever written"));
  CHECK_THAT(sentence("external"), Catch::Contains("refers to values in other files (external storage)"));
  CHECK_THAT(sentence("virtual"), Catch::Contains("refers to values in other files (virtual storage)"));
}

TEST_CASE("values that are not finite are refused by record and feature", "[io]") {
  const TempDir directory;
  std::vector<double> values = counting(60);
  values[3 * 7 + 1] = kNan;
  values[3 * 7 + 2] = kInfinity;
  const std::string file = single(directory, {.shape = {20, 3}}, values);
  const std::string end =
      " (numbered from 0), the first of them in feature 1; remove these records or fill in their values";
  CHECK(load_sentence(file) == "'" + file + ":/data' has NaN or infinite values in record 7" + end);
  values[3 * 2 + 1] = -kInfinity;
  CHECK(load_sentence(single(directory, {.shape = {20, 3}, .type = H5T_IEEE_F32BE}, values),
                      {.piece_bytes = 24}) ==
        "'" + file + ":/data' has NaN or infinite values in 2 records: 2, 7" + end);
  for (std::size_t n = 5; n < 17; ++n) values[3 * n] = kNan;
  CHECK_THAT(
      load_sentence(single(directory, {.shape = {20, 3}, .feature_names = {"a", "b", "c"}}, values)),
      Catch::Contains("in 13 records: 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, ... (numbered from 0), the first of "
                      "them in feature 'b'"));
}

TEST_CASE("integers that doubles cannot hold are refused by record", "[io]") {
  const TempDir directory;
  constexpr std::int64_t limit = std::int64_t{1} << 53;
  const std::vector<std::int64_t> held = {limit, -limit, 0, 1};
  CHECK(load(single(directory, {.shape = {2, 2}}, held)).maximum[0] == static_cast<double>(limit));
  const std::vector<std::int64_t> signed_values = {1, 2, 3, -limit - 1};
  CHECK_THAT(load_sentence(single(directory, {.shape = {2, 2}}, signed_values)),
             Catch::Contains("has integers beyond 2^53, which double precision cannot hold, in record 1 "));
  const std::vector<std::uint64_t> unsigned_values = {~std::uint64_t{0}, 2, 3, 4};
  CHECK_THAT(load_sentence(single(directory, {.shape = {2, 2}}, unsigned_values)),
             Catch::Contains("in record 0 "));
}

TEST_CASE("weights come from the same file or another one", "[io]") {
  const TempDir directory;
  const std::string file = directory.file("weighted.h5");
  const std::vector<double> weights = {1, 0, 2.5, 3};
  {
    const test::Handle out = io::create_output(file);
    test::add_dataset(out.get(), "x", {.shape = {4, 1}}, std::vector<double>{5, 100, 6, 7});
    test::add_dataset(out.get(), "w", {.shape = {4}, .type = H5T_IEEE_F32BE}, weights);
    test::add_dataset(out.get(), "zero", {.shape = {4}}, std::vector<double>(4, 0.0));
    test::add_dataset(out.get(), "bad", {.shape = {4}}, std::vector<double>{1, -1, kNan, kInfinity});
    test::add_dataset(out.get(), "short", {.shape = {3}}, counting(3));
    test::add_dataset(out.get(), "plane", {.shape = {4, 1}}, counting(4));
  }
  const std::string x = file + ":/x";
  const io::LoadedData plain = load(x);
  for (const std::string& name : {std::string("w"), std::string("/w"), file + ":/w"}) {
    const io::LoadedData data = load(x, {.weights = name});
    DenseShard::Buffer buffer;
    const DenseBlock block = data.shard.block(0, buffer);
    CHECK(std::vector<double>(block.weights.begin(), block.weights.end()) == weights);
    CHECK(data.minimum[0] == 5);
    CHECK(data.maximum[0] == 7);  // the record of weight 0 is absent
    CHECK(data.fingerprint != plain.fingerprint);
  }
  CHECK(plain.maximum[0] == 100);
  CHECK(load_sentence(x, {.weights = "zero"}) ==
        "weights '" + file + ":/zero' are all 0 (at least one must be positive)");
  CHECK_THAT(load_sentence(x, {.weights = "bad"}),
             Catch::Contains("are negative, NaN or infinite in 3 records: 1, 2, 3 (numbered from 0)"));
  CHECK_THAT(load_sentence(x, {.weights = "short"}),
             Catch::EndsWith("have shape 3 (must be 4, one for each record)"));
  CHECK_THAT(load_sentence(x, {.weights = "plane"}), Catch::Contains("have shape 4 x 1 (must be 4, one"));
  CHECK_THAT(load_sentence(x, {.weights = "none"}), Catch::Contains("no data set '/none' in"));
}

TEST_CASE("the fingerprint follows values, order and weights, not the block size", "[io]") {
  const TempDir directory;
  std::vector<double> values = counting(4000);
  const std::string file = directory.file("d.h5");
  const auto of = [&](Index block_rows) {
    single(directory, {.shape = {1000, 4}}, values);
    return load(file, {.block_rows = block_rows}).fingerprint;
  };
  const auto original = of(0);
  CHECK(of(8) == original);
  CHECK(of(512) == original);
  values[3999] = std::nextafter(values[3999], 0.0);
  const auto changed = of(0);
  CHECK(changed[0] != original[0]);
  CHECK(changed[1] != original[1]);
  values = counting(4000);
  std::swap(values[0], values[4]);
  CHECK(of(0) != original);
  std::swap(values[0], values[4]);
  std::swap(values[0], values[1]);
  CHECK(of(0) != original);
}

TEST_CASE("rows that were read are counted", "[io]") {
  const TempDir directory;
  const std::string file = single(directory, {.shape = {100, 2}}, counting(200));
  const Index before = io::rows_read();
  const double seconds = io::read_seconds();
  load(file);
  CHECK(io::rows_read() == before + 100);
  CHECK(io::read_seconds() > seconds);
}
