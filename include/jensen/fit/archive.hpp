#pragma once

#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jensen/core/document.hpp"
#include "jensen/core/types.hpp"

namespace jensen {

/// What a model's `describe` talks to: each call names one persistent array, and the archive either copies it
/// out or fills it in. Listing a field once serves saving and loading alike.
class Archive {
 public:
  virtual ~Archive() = default;

  void operator()(std::string_view name, double& value) { numbers(name, {&value, 1}); }
  void operator()(std::string_view name, Index& value) { integers(name, {&value, 1}); }
  /// Matrices and vectors must have their final size already: loading checks it.
  template <class Derived>
  void operator()(std::string_view name, Eigen::PlainObjectBase<Derived>& values) {
    numbers(name, {values.data(), static_cast<std::size_t>(values.size())});
  }
  void operator()(std::string_view name, std::vector<double>& values) { numbers(name, values); }
  void operator()(std::string_view name, std::vector<Index>& values) { integers(name, values); }

 protected:
  virtual void numbers(std::string_view name, std::span<double> values) = 0;
  virtual void integers(std::string_view name, std::span<Index> values) = 0;
};

/// Keeps what `describe` lists in memory, by name.
struct State {
  std::map<std::string, std::vector<double>, std::less<>> numbers = {};
  std::map<std::string, std::vector<Index>, std::less<>> integers = {};
  friend bool operator==(const State&, const State&) = default;
};

class SavingArchive final : public Archive {
 public:
  State take() { return std::move(state_); }

 private:
  void numbers(std::string_view name, std::span<double> values) override;
  void integers(std::string_view name, std::span<Index> values) override;
  State state_;
};

class LoadingArchive final : public Archive {
 public:
  explicit LoadingArchive(const State& state) : state_(state) {}

 private:
  void numbers(std::string_view name, std::span<double> values) override;
  void integers(std::string_view name, std::span<Index> values) override;
  const State& state_;
};

/// The state as arrays "<group>/<name>" of a model file, and back; native bits. Groups within the group are
/// not part of it.
void store_state(const State& state, Document& document, const std::string& group = "/state");
State stored_state(const Document& document, const std::string& group = "/state");

/// The persistent state of a model, native bits.
template <class M>
State save_state(M& model) {
  SavingArchive archive;
  model.describe(archive);
  return archive.take();
}

/// Throws InputError where a field is missing or has another length.
template <class M>
void load_state(M& model, const State& state) {
  LoadingArchive archive(state);
  model.describe(archive);
}

}  // namespace jensen
