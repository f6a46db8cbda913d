#include "jensen/fit/archive.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "jensen/core/error.hpp"

namespace jensen {
namespace {

template <class T, class Fields>
void restore(const Fields& fields, std::string_view name, std::span<T> values) {
  const auto found = fields.find(name);
  if (found == fields.end()) throw InputError(fmt::format("no '{}' in the saved state of the model", name));
  if (found->second.size() != values.size()) {
    throw InputError(fmt::format("'{}' in the saved state has {} values (must be {})", name,
                                 found->second.size(), values.size()));
  }
  std::copy(found->second.begin(), found->second.end(), values.begin());
}

}  // namespace

void SavingArchive::numbers(std::string_view name, std::span<double> values) {
  state_.numbers[std::string(name)].assign(values.begin(), values.end());
}
void SavingArchive::integers(std::string_view name, std::span<Index> values) {
  state_.integers[std::string(name)].assign(values.begin(), values.end());
}
void LoadingArchive::numbers(std::string_view name, std::span<double> values) {
  restore(state_.numbers, name, values);
}
void LoadingArchive::integers(std::string_view name, std::span<Index> values) {
  restore(state_.integers, name, values);
}

void store_state(const State& state, Document& document, const std::string& group) {
  for (const auto& [name, values] : state.numbers) {
    document.set(group + "/" + name, NdArray{{static_cast<Index>(values.size())}, values});
  }
  for (const auto& [name, values] : state.integers) {
    document.set(group + "/" + name, NdArray{{static_cast<Index>(values.size())}, values});
  }
}

State stored_state(const Document& document, const std::string& group) {
  const std::string begin = group + "/";
  State state;
  for (const auto& [path, array] : document.arrays()) {
    if (!path.starts_with(begin)) continue;
    const std::string name = path.substr(begin.size());
    if (name.find('/') != std::string::npos) continue;
    if (const auto* numbers = std::get_if<std::vector<double>>(&array.values)) state.numbers[name] = *numbers;
    if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&array.values))
      state.integers[name] = *integers;
  }
  return state;
}

}  // namespace jensen
