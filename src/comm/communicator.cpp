#include "jensen/comm/communicator.hpp"

#include <algorithm>
#include <limits>

#include "group.hpp"
#include "jensen/core/error.hpp"

namespace jensen {
namespace {

template <class T>
MPI_Datatype mpi_type() {
  if constexpr (std::is_same_v<T, double>) return MPI_DOUBLE;
  if constexpr (std::is_same_v<T, std::int64_t>) return MPI_INT64_T;
  if constexpr (std::is_same_v<T, std::uint64_t>) return MPI_UINT64_T;
}

template <class Call>
void in_pieces(std::size_t count, std::size_t limit, Call call) {
  for (std::size_t begin = 0; begin < count; begin += limit) call(begin, std::min(limit, count - begin));
}

}  // namespace

Communicator::Communicator() = default;

int Communicator::rank() const {
  return group_ ? group_->rank : 0;
}
int Communicator::size() const {
  return group_ ? group_->size : 1;
}
double Communicator::seconds() const {
  return group_ ? group_->seconds : 0;
}

Communicator Communicator::with_count_limit(std::size_t count) const {
  Communicator limited = *this;
  limited.count_limit_ = std::max<std::size_t>(count, 1);
  return limited;
}

void Communicator::barrier() const {
  if (size() == 1) return;
  const Meter meter(group_->seconds);
  check_mpi(MPI_Barrier(group_->comm), "MPI_Barrier");
}

void Communicator::broadcast_bytes(std::span<std::byte> bytes, int root) const {
  if (size() == 1) return;
  const Meter meter(group_->seconds);
  in_pieces(bytes.size(), count_limit_, [&](std::size_t begin, std::size_t count) {
    check_mpi(MPI_Bcast(bytes.data() + begin, mpi_count(count), MPI_BYTE, root, group_->comm), "MPI_Bcast");
  });
}

void Communicator::broadcast(std::string& text, int root) const {
  std::int64_t length = static_cast<std::int64_t>(text.size());
  broadcast(std::span(&length, 1), root);
  text.resize(static_cast<std::size_t>(length));
  broadcast(std::span(text.data(), text.size()), root);
}

template <class T>
void Communicator::fold(std::span<T> values, Fold how) const {
  if (size() == 1) return;
  const Meter meter(group_->seconds);
  const MPI_Op op = how == Fold::sum ? MPI_SUM : how == Fold::min ? MPI_MIN : MPI_MAX;
  in_pieces(values.size(), count_limit_, [&](std::size_t begin, std::size_t count) {
    check_mpi(
        MPI_Allreduce(MPI_IN_PLACE, values.data() + begin, mpi_count(count), mpi_type<T>(), op, group_->comm),
        "MPI_Allreduce");
  });
}

void Communicator::all_sum(std::span<std::int64_t> values) const {
  fold(values, Fold::sum);
}
void Communicator::all_sum(std::span<std::uint64_t> values) const {
  fold(values, Fold::sum);
}
void Communicator::all_min(std::span<double> values) const {
  fold(values, Fold::min);
}
void Communicator::all_max(std::span<double> values) const {
  fold(values, Fold::max);
}
void Communicator::all_min(std::span<std::int64_t> values) const {
  fold(values, Fold::min);
}
void Communicator::all_max(std::span<std::int64_t> values) const {
  fold(values, Fold::max);
}

void Communicator::merge(std::span<ExactSum::Element> elements) const {
  if (size() == 1) return;
  const Meter meter(group_->seconds);
  in_pieces(elements.size(), count_limit_, [&](std::size_t begin, std::size_t count) {
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, elements.data() + begin, mpi_count(count), group_->element_type,
                            group_->merge_op, group_->comm),
              "MPI_Allreduce");
  });
}

Communicator::Located Communicator::min_location(Located mine) const {
  if (size() == 1) return mine;
  const double smallest = min(mine.value);
  const bool candidate = mine.value == smallest;
  return {smallest, min(candidate ? mine.index : std::numeric_limits<Index>::max())};
}

void Communicator::send_bytes(std::span<const std::byte> bytes, int to) const {
  const Meter meter(group_->seconds);
  in_pieces(bytes.size(), count_limit_, [&](std::size_t begin, std::size_t count) {
    check_mpi(MPI_Send(bytes.data() + begin, mpi_count(count), MPI_BYTE, to, 0, group_->comm), "MPI_Send");
  });
}

void Communicator::receive_bytes(std::span<std::byte> bytes, int from) const {
  const Meter meter(group_->seconds);
  in_pieces(bytes.size(), count_limit_, [&](std::size_t begin, std::size_t count) {
    check_mpi(
        MPI_Recv(bytes.data() + begin, mpi_count(count), MPI_BYTE, from, 0, group_->comm, MPI_STATUS_IGNORE),
        "MPI_Recv");
  });
}

void Communicator::agree(const std::function<void()>& work) const {
  std::int64_t code = 0;
  std::string text;
  try {
    work();
  } catch (const Error& error) {
    if (size() == 1) throw;
    code = static_cast<std::int64_t>(error.code());
    text = error.what();
  }
  const auto first = static_cast<int>(min(std::int64_t{code != 0 ? rank() : size()}));
  if (first == size()) return;
  broadcast(std::span(&code, 1), first);
  broadcast(text, first);
  throw_error(static_cast<ExitCode>(code), text);
}

void Communicator::on_root(const std::function<void()>& work) const {
  agree([&] {
    if (is_root()) work();
  });
}

}  // namespace jensen
