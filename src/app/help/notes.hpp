#pragma once

#include "page.hpp"

namespace jensen::app::help {

// What the help of a command says beside its options.

Page fit_notes();
Page fit_model_notes();
Page check_notes();
Page compare_notes();
Page import_notes();
Page help_notes();

}  // namespace jensen::app::help
