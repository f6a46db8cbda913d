#pragma once

#include <functional>
#include <string>

#include "jensen/data/response_shard.hpp"
#include "jensen/fit/accumulate.hpp"

namespace jensen::advi {

/// How far linear predictors of the features tell classes apart. Where they do, the likelihood of a logistic
/// or softmax regression has no maximum (Albert and Anderson 1984): along a direction of the coefficients it
/// grows for ever.
struct Separation {
  enum class Kind {
    none,      // the maximum exists, or none that separates was found
    partial,   // quasi-complete: no record gets nearer to a wrong class, and some further away
    complete,  // every record is told apart
    unknown    // not looked for, or the search was cut short
  };

  Kind kind = Kind::none;
  double separated = 0, records = 0;  // records of positive weight that are told apart, and all
  Matrix direction = {};              // (C - 1) x (1 + D), intercepts first: proves it; empty where none

  bool found() const { return kind == Kind::partial || kind == Kind::complete; }
};

/// Looks for a direction d with eta_y >= eta_c for the predictors eta = d (1, x) of every record of class y
/// and every other class c, eta_0 = 0. A direction that separates a working set best is the non-negative
/// combination of its differences that comes closest to (0, ..., 0, 1) in one more dimension; a pass over the
/// records brings those that it gets wrong, until there are none, or until the working set proves that
/// nothing separates it: then 0 is a positive combination of differences, and what is left are directions at
/// right angles to these. What is found is proven by its last pass, to margins of 1e-9 of a record's length.
///
/// Responses are classes 0 ... C - 1; records without weight are absent, and so are those that `contains`
/// leaves out, by their global numbers. Features should be centred and of similar size. A few passes of one
/// product each where classes overlap. Not looked for among more than 1000 coefficients. Collective; the same
/// bits for any number of ranks.
Separation find_separation(const ResponseShard& shard, Index classes, const Communicator& comm,
                           const std::function<bool(Index)>& contains = {});

/// "the features separate the classes: ...", of what was found.
std::string sentence_of(const Separation& separation);

}  // namespace jensen::advi
