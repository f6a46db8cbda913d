#include "jensen/fit/accumulate.hpp"

#include <vector>

#include "jensen/core/fail_point.hpp"

namespace jensen {

Votes reduce(const Communicator& comm, ExactSum& total, std::size_t count, const Votes& mine) {
  JENSEN_FAIL_POINT("reduction");
  if (comm.size() == 1) return mine;
  std::vector<ExactSum::Element> travelling(count + 2);
  const std::span sums = std::span(travelling).first(count);
  total.store(0, sums);
  ExactSum::Element& first = travelling[count];
  ExactSum::Element& second = travelling[count + 1];
  first = ExactSum::counters({mine.incomplete, mine.stop, mine.local_error});
  second = ExactSum::counters({mine.checkpoint_due, total.non_finite_count(), 0});
  comm.merge(travelling);
  total.load(0, sums);
  total.set_non_finite_count(second.digits[1]);
  return {first.digits[0], first.digits[1], first.digits[2], second.digits[0]};
}

void rethrow_on_all_ranks(const Communicator& comm, const std::exception_ptr& mine) {
  comm.agree([&] {
    if (mine) std::rethrow_exception(mine);
  });
}

}  // namespace jensen
