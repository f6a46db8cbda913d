#pragma once

#include <string>

#include "app/registry.hpp"
#include "app/settings.hpp"
#include "jensen/core/document.hpp"
#include "sample.hpp"

namespace jensen::app::plot {

/// A page of HTML that needs no other file and no network, and how many of its sections had something to
/// show.
struct Page {
  std::string html = {};
  int shown = 0;
  int left_out = 0;
};

Page make_page(const Document& document, const RegisteredModel& model, const std::string& features,
               const Sample& sample);

}  // namespace jensen::app::plot
