#pragma once

#include <span>
#include <string>

#include "page.hpp"

namespace jensen::app::help {

/// A page on how something works.
struct Topic {
  const char* name;
  const char* summary;
  Page (*page)();
};
std::span<const Topic> topics();

/// A list of the topics.
Page topics_page();

Page files_page();
Page corpora_page();
Page checkpoints_page();
Page signals_page();
Page starts_page();
Page covariance_page();
Page exit_codes_page();
Page bits_page();
Page config_page();

}  // namespace jensen::app::help
