#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "jensen/core/document.hpp"
#include "jensen/fit/archive.hpp"

namespace test {

/// Collects values as bit patterns: what compares equal is the same to the last bit.
class BitCollector {
 public:
  explicit BitCollector(std::vector<std::uint64_t>& bits) : bits_(bits) {}

  void add(std::int64_t value) { bits_.push_back(static_cast<std::uint64_t>(value)); }
  void add(double value) { bits_.push_back(std::bit_cast<std::uint64_t>(value)); }
  void add(const std::string& text) {
    for (const char c : text) add(std::int64_t{c});
  }
  template <class T>
  void add(const std::vector<T>& values) {
    add(static_cast<std::int64_t>(values.size()));
    for (const T& value : values) add(value);
  }
  void add(const jensen::Vector& values) { add(std::vector<double>(values.begin(), values.end())); }
  void add(const jensen::State& state) {
    for (const auto& [name, values] : state.numbers) add(name), add(values);
    for (const auto& [name, values] : state.integers) add(name), add(values);
  }
  void add(const jensen::Document& document) {
    for (const auto& [path, array] : document.arrays()) {
      add(path);
      std::visit([&](const auto& values) { add(values); }, array.values);
    }
    for (const auto& [path, attributes] : document.attributes()) {
      add(path);
      for (const auto& [name, scalar] : attributes) {
        add(name);
        std::visit([&](const auto& value) { add(value); }, scalar);
      }
    }
  }

 private:
  std::vector<std::uint64_t>& bits_;
};

}  // namespace test
