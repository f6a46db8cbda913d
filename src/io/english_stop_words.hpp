#pragma once

namespace jensen::io {

/// Words of English that tell of the grammar of a sentence rather than of what it is about: articles,
/// pronouns, prepositions, conjunctions, auxiliary verbs and common adverbs; and what a tokenizer that parts
/// words at apostrophes leaves of "don't", "we've" and the like.
inline constexpr const char* kEnglishStopWords = R"(
a an the this that these those such same other another each every either neither both all any some none no not
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers
herself it its itself they them their theirs themselves one ones who whom whose which what whatever whoever
someone something anyone anything everyone everything nobody nothing
about above across after against along among amongst around as at before behind below beneath beside besides
between beyond but by despite down during except for from in inside into like near of off on onto out outside
over past per since through throughout till to toward towards under until up upon via with within without
and or nor so yet if then else than because though although while whereas unless whether
am is are was were be been being have has had having do does did doing done can could may might must shall
should will would ought cannot
again already also always almost ever even here there hence however how just maybe more most much many few less
least lot lots never now often once only perhaps quite rather really still thus too very well when whenever
where wherever why yes
don doesn didn isn aren wasn weren hasn haven hadn won wouldn shouldn couldn mustn mightn needn ain ll ve re
s t d m o
)";

}  // namespace jensen::io
