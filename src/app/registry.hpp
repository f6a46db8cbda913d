#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compare/comparable.hpp"
#include "findings.hpp"
#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"
#include "jensen/core/options.hpp"
#include "jensen/core/table.hpp"
#include "nouns.hpp"
#include "settings.hpp"

namespace jensen::app {

/// A model behind the command line: type erasure happens here and only here.
class RegisteredModel {
 public:
  virtual ~RegisteredModel() = default;

  virtual std::string name() const = 0;
  virtual std::string summary() const = 0;
  /// What its data and components are called.
  virtual Nouns nouns() const = 0;
  /// Settings with the defaults of this model, and the options of every fit as it takes them; `settings` must
  /// outlive these.
  virtual FitSettings default_settings() const = 0;
  virtual std::vector<Option> fit_options(FitSettings& settings) const = 0;
  /// The model's own options, kept by this object.
  virtual std::vector<Option> options() = 0;

  virtual int fit(const FitSettings& settings, const std::string& input, const Communicator& comm) = 0;
  virtual int predict(const Document& document, const PredictSettings& settings, const std::string& input,
                      const Communicator& comm) = 0;
  virtual int score(const Document& document, const ScoreSettings& settings, const std::string& input,
                    const Communicator& comm) = 0;
  virtual int sample(const Document& document, const SampleSettings& settings, const Communicator& comm) = 0;
  /// What `jensen compare` wants of the model in a file. They throw InputError where it has nothing such.
  virtual RecordScores record_scores(const Document& document) const = 0;
  virtual mixture::Density density(const Document& document, std::uint64_t seed) const = 0;
  /// What `jensen compare` takes a model for that is no density by itself; empty where it is one.
  virtual std::string read_as() const = 0;
  /// Throws InputError where the parameters of a file are none of this model.
  virtual void require_parameters(const Document& document) const = 0;
  /// Throws InputError where the file does not say of its data what every file of this model does.
  virtual void require_schema(const Document& document) const = 0;
  /// How much data a file was made from: "150 records x 4 features". Throws InputError.
  virtual std::string stored_sizes(const Document& document) const = 0;
  /// Checks what a file says of its data, parameters and state, and that they agree.
  virtual void check(const Document& document, Findings& findings) const = 0;
  virtual Table component_table(const Document& document) const = 0;
  /// Why records and components cannot be drawn in the plane of two features; empty where they can.
  virtual std::string why_no_plane() const = 0;
  /// The component of each of a few records, n x D in the data's units, by the model of the file. Throws
  /// InputError.
  virtual std::vector<Index> labels(const Document& document, const RowMatrix& records) const = 0;
};

/// All models, newly made.
std::vector<std::unique_ptr<RegisteredModel>> make_registry();

/// The model of that name; throws UsageError listing the names.
std::unique_ptr<RegisteredModel> make_model(const std::string& name);

/// The model that a file holds; throws InputError where this program has none of that name.
std::unique_ptr<RegisteredModel> model_of(const Document& document);

}  // namespace jensen::app
