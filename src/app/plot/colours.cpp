#include "colours.hpp"

#include <fmt/format.h>

namespace jensen::app::plot {

std::string component_class(const char* kind, Index component) {
  const Index round = component / kColours;
  const std::string text = fmt::format("{} c{}", kind, component % kColours);
  return round == 0 ? text : fmt::format("{} d{}", text, (round - 1) % 3 + 1);
}

const char* const kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5c5c5c; --rule: #e2e2e2; --paper: #ffffff;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #cc79a7; --c4: #e69f00; --c5: #56b4e9; --c6: #6e6e6e; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --soft: #a8a8a8; --rule: #383838; --paper: #161616;
    --c0: #3b9be0; --c1: #ee7733; --c2: #1fb98d; --c3: #d98fb9; --c4: #efb13a; --c5: #9ad7fb; --c6: #9a9a9a; } }
@media print { :root { color-scheme: light; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, 'Helvetica Neue', Arial,
  'DejaVu Sans', sans-serif; max-width: 940px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; margin: 0 0 0.2em; overflow-wrap: anywhere; }
h2 { font-size: 1.15em; margin: 2em 0 0.4em; border-bottom: 1px solid var(--rule); break-after: avoid; }
pre { font: 12.5px/1.4 ui-monospace, 'DejaVu Sans Mono', monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
p.absent { color: var(--soft); font-style: italic; }
figure { margin: 0.8em 0; break-inside: avoid; }
figcaption, p.note { color: var(--soft); font-size: 0.87em; }
svg { max-width: 100%; height: auto; font-family: system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif;
  font-size: 11px; }
.pair { display: flex; flex-wrap: wrap; gap: 20px; }
svg svg { overflow: hidden; }
svg text { fill: var(--soft); }
svg text.title { fill: var(--ink); font-size: 12px; }
svg text.name { fill: var(--ink); font-weight: 600; paint-order: stroke; stroke: var(--paper);
  stroke-width: 3px; stroke-linejoin: round; }
.grid { stroke: var(--rule); }
.border { fill: none; stroke: var(--soft); }
.curve { fill: none; stroke: var(--c0); stroke-width: 1.5; stroke-linejoin: round; }
.dots { fill: none; stroke: var(--c0); stroke-width: 4; stroke-linecap: round; }
.fallen { fill: none; stroke: var(--c1); stroke-width: 1.5; }
.limit { stroke: var(--c1); stroke-dasharray: 6 4; fill: none; }
.best { fill: none; stroke: var(--c1); stroke-width: 2; }
.singular { fill: none; stroke: var(--c6); stroke-width: 1.5; }
.histogram { fill: var(--rule); stroke: none; }
.bar { stroke: none; }
.plain { fill: var(--c0); stroke: none; }
.points { fill: none; stroke-linecap: round; stroke-opacity: 0.55; }
.points.far { stroke: var(--c6); }
.line { fill: none; stroke-width: 1.8; }
.line.thin { stroke-width: 1.1; }
.line.d1 { stroke-dasharray: 7 3; } .line.d2 { stroke-dasharray: 2 3; } .line.d3 { stroke-dasharray: 8 3 2 3; }
.total { fill: none; stroke: var(--ink); stroke-width: 1; stroke-opacity: 0.75; }
.centre { stroke-width: 1.2; stroke: var(--paper); }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); }
.c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); } .c6 { stroke: var(--c6); }
.bar.c0, .centre.c0 { fill: var(--c0); } .bar.c1, .centre.c1 { fill: var(--c1); }
.bar.c2, .centre.c2 { fill: var(--c2); } .bar.c3, .centre.c3 { fill: var(--c3); }
.bar.c4, .centre.c4 { fill: var(--c4); } .bar.c5, .centre.c5 { fill: var(--c5); }
.bar.c6, .centre.c6 { fill: var(--c6); }
.bar { stroke: none; } .centre { stroke: var(--paper); }
.rows { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.87em; font-variant-numeric: tabular-nums; }
th, td { padding: 0.15em 0.7em; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th.text, td.text { text-align: left; }
th { font-weight: 600; }
@media print { .rows { overflow: visible; } body { margin: 0; font-size: 11px; } table { font-size: 8px; } }
)";

}  // namespace jensen::app::plot
