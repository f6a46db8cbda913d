#pragma once

#include <string>

#include "jensen/core/types.hpp"

namespace jensen::app::plot {

constexpr Index kColours = 7;

/// The classes that give component k its colour, and from the eighth component on its dashes:
/// "line c3 d1".
std::string component_class(const char* kind, Index component);

/// The style of the page. Colours are those of Okabe and Ito (2008), that colour-blind people tell apart,
/// without yellow and with a grey; for dark screens a few are lighter.
extern const char* const kStyle;

}  // namespace jensen::app::plot
