#pragma once

#include <string>
#include <vector>

#include "app/settings.hpp"
#include "jensen/comm/communicator.hpp"
#include "jensen/core/document.hpp"
#include "report.hpp"

namespace jensen::app {

/// "table:.7,.3" or "table:FILE.h5:/dataset".
inline constexpr const char* kTablePrefix = "table:";

/// Two tables over the same outcomes, in closed form. Collective; throws InputError.
Comparison compare_tables(const std::string& p, const std::string& q, const Unit& unit,
                          const Communicator& comm);

/// Two mixtures. Collective; throws InputError.
Comparison compare_models(const Document& p, const Document& q, const CompareSettings& settings,
                          const Unit& unit, const Communicator& comm);

/// Whether components are topics: tables over words.
bool has_topics(const Document& document);

/// Two topic models of the same words: the topics of p, each beside that of q which is nearest. Throws
/// InputError.
Comparison compare_topics(const Document& p, const Document& q, const Unit& unit);

/// One model or two, by what they say of these records or documents. Collective; throws InputError.
Comparison compare_on_data(const std::vector<const Document*>& models, const std::string& input,
                           const CompareSettings& settings, const Unit& unit, const Communicator& comm);

/// Adds "p  model.h5: gmm, 3 components", and what the model is read as where it is no density by itself.
void describe_model(const std::string& label, const Document& document, Comparison& comparison);

/// Says on rank 0 where features of the same position have different names, if both have one.
void warn_of_names(const std::vector<std::string>& p, const std::string& p_file,
                   const std::vector<std::string>& q, const std::string& q_file, const Communicator& comm);

}  // namespace jensen::app
