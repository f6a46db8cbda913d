#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/registry.hpp"
#include "element.hpp"
#include "jensen/core/document.hpp"
#include "sample.hpp"

namespace jensen::app::plot {

/// Adds a section to the page. Where `fill` throws InputError, because the file lacks something, the section
/// says that instead. Returns whether it was filled.
bool add_section(Element& page, const std::string& title, const std::function<void(Element&)>& fill);

/// A drawing with a text below it.
void add_figure(Element& section, Element svg, const std::string& caption);

/// Rows of texts under a header; more than the limits are left out, which a line says.
void add_table(Element& section, const Table& table, std::size_t most_rows, std::size_t most_columns);

/// An array of integers or real numbers. Throws InputError.
std::vector<double> numbers_of(const Document& document, const std::string& path);

/// The objective at each iteration, over iterations and over time, and the gain of each iteration.
void fill_convergence(Element& section, const Document& document);
/// What each component has of the records, or of what else their weight is counted in.
void fill_sizes(Element& section, const Document& document, const Nouns& nouns);
/// Where the fits from several starts ended.
void fill_restarts(Element& section, const Document& document);
/// Components and records in the plane of each pair of features, and along each feature.
void fill_pairs(Element& section, const Document& document, const std::string& chosen_features,
                const Sample& sample);

}  // namespace jensen::app::plot
