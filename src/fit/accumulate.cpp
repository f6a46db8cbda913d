#include "jensen/fit/accumulate.hpp"

#include <vector>

namespace jensen {

Votes reduce(const Communicator& comm, ExactSum& total, const Votes& mine) {
  if (comm.size() == 1) return mine;
  std::vector<ExactSum::Element> travelling(total.size() + 2);
  const std::span sums = std::span(travelling).first(total.size());
  total.store(sums);
  ExactSum::Element& first = travelling[total.size()];
  ExactSum::Element& second = travelling[total.size() + 1];
  first = ExactSum::counters({mine.incomplete, mine.stop, mine.local_error});
  second = ExactSum::counters({mine.checkpoint_due, total.non_finite_count(), 0});
  comm.merge(travelling);
  total.load(sums);
  total.set_non_finite_count(second.digits[1]);
  return {first.digits[0], first.digits[1], first.digits[2], second.digits[0]};
}

}  // namespace jensen
