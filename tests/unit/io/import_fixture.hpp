#pragma once

#include <hdf5.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "jensen/core/error.hpp"
#include "jensen/io/import_csv.hpp"

namespace jensen::testing {

/// A dataset as HDF5 itself reads it.
struct Table {
  std::vector<hsize_t> shape = {}, maximum = {}, chunk = {};
  std::vector<double> values = {};
  std::vector<std::string> names = {};
  std::size_t bytes_per_value = 0;
  io::ImportSummary summary = {};
};

inline Table read_table(const std::string& file_name, const std::string& path) {
  const hid_t file = H5Fopen(file_name.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  REQUIRE(file >= 0);
  const hid_t dataset = H5Dopen2(file, path.c_str(), H5P_DEFAULT);
  REQUIRE(dataset >= 0);
  Table table{.shape = {0, 0}, .maximum = {0, 0}, .chunk = {0, 0}};
  const hid_t space = H5Dget_space(dataset);
  REQUIRE(H5Sget_simple_extent_dims(space, table.shape.data(), table.maximum.data()) == 2);
  const hid_t creation = H5Dget_create_plist(dataset);
  REQUIRE(H5Pget_chunk(creation, 2, table.chunk.data()) == 2);
  const hid_t type = H5Dget_type(dataset);
  table.bytes_per_value = H5Tget_size(type);
  table.values.resize(table.shape[0] * table.shape[1]);
  REQUIRE(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, table.values.data()) >= 0);
  if (H5Aexists(dataset, "feature_names") > 0) {
    const hid_t attribute = H5Aopen(dataset, "feature_names", H5P_DEFAULT);
    const hid_t text = H5Aget_type(attribute), names = H5Aget_space(attribute);
    REQUIRE(H5Tis_variable_str(text) > 0);
    REQUIRE(H5Tget_cset(text) == H5T_CSET_UTF8);
    std::vector<char*> pointers(table.shape[1]);
    REQUIRE(H5Sget_simple_extent_npoints(names) == static_cast<hssize_t>(table.shape[1]));
    REQUIRE(H5Aread(attribute, text, pointers.data()) >= 0);
    for (const char* name : pointers) table.names.emplace_back(name == nullptr ? "" : name);
    H5Dvlen_reclaim(text, names, H5P_DEFAULT, pointers.data());
    H5Sclose(names), H5Tclose(text), H5Aclose(attribute);
  }
  H5Tclose(type), H5Pclose(creation), H5Sclose(space), H5Dclose(dataset), H5Fclose(file);
  return table;
}

/// A directory of its own, in which the test runs and which goes with it.
class Workplace {
 public:
  Workplace() : before_(std::filesystem::current_path()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "jensen-import-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
    std::filesystem::current_path(directory_);
  }
  ~Workplace() {
    std::filesystem::current_path(before_);
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path output() const { return "out.h5"; }

  std::filesystem::path write(const std::string& text) const {
    std::ofstream("in.csv", std::ios::binary) << text;
    return "in.csv";
  }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(name, std::ios::binary).rdbuf();
    return text.str();
  }
  Table read_output(const std::string& dataset) const { return read_table(output().string(), dataset); }

  Table import_file(const std::filesystem::path& input, const io::CsvOptions& options = {}) const {
    const auto summary = io::import_csv(input, output(), options);
    Table table = read_output(options.dataset);
    table.summary = summary;
    return table;
  }
  Table import(const std::string& text, const io::CsvOptions& options = {}) const {
    return import_file(write(text), options);
  }

  /// The sentence with which the text is refused.
  std::string refusal(const std::string& text, const io::CsvOptions& options = {}) const {
    try {
      io::import_csv(write(text), output(), options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::filesystem::path before_, directory_;
};

/// The numbers of a comma-separated file with a header line, read another way.
inline std::vector<double> plain_reading(const std::string& path) {
  std::ifstream file(path);
  std::string line, cell;
  std::getline(file, line);
  std::vector<double> values;
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    while (std::getline(cells, cell, ',')) values.push_back(std::stod(cell));
  }
  return values;
}

}  // namespace jensen::testing
