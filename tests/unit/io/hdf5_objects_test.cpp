#include "io/hdf5_objects.hpp"

#include <catch2/catch.hpp>

#include "unit/io/hdf5_files.hpp"

using namespace jensen;

TEST_CASE("objects are listed once, a group that is its own member too", "[io]") {
  const test::TempDir directory;
  const test::Handle file = io::create_output(directory.file("d.h5"));
  const std::vector<double> values{1, 2};
  test::add_dataset(file.get(), "/b", {.shape = {2}}, values);
  test::add_dataset(file.get(), "/a/z", {.shape = {2}}, values);
  test::add_dataset(file.get(), "/a/c", {.shape = {2}}, values);
  H5Lcreate_hard(file.get(), "/b", file.get(), "/again", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/nowhere", file.get(), "/link", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_hard(file.get(), "/a", file.get(), "/a/again", H5P_DEFAULT, H5P_DEFAULT);
  const test::Handle group(H5Gopen2(file.get(), "/a", H5P_DEFAULT), H5Gclose);
  H5Odecr_refcount(group.get());  // as one with a single link, of which H5Ovisit keeps no note

  const io::Hdf5Objects objects = io::list_objects(file.get());
  CHECK(objects.fault == "");
  std::vector<std::string> paths;
  for (const auto& [path, type] : objects.found) {
    CHECK(type == (path == "/" || path == "/a" ? H5O_TYPE_GROUP : H5O_TYPE_DATASET));
    paths.push_back(path);
  }
  CHECK(paths == std::vector<std::string>{"/", "/a", "/a/c", "/a/z", "/again"});
}
