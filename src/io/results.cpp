#include "jensen/io/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "numeric_dataset.hpp"
#include "results_output.hpp"

namespace jensen::io {
namespace {

template <class T>
constexpr ResultColumn::Type kType =
    std::is_same_v<T, std::int32_t> ? ResultColumn::Type::int32 : ResultColumn::Type::float64;

}  // namespace

ResultsWriter::ResultsWriter(const std::filesystem::path& file, RecordLayout layout,
                             std::vector<ResultColumn> columns, const Document& header,
                             const Communicator& comm, std::int64_t piece_bytes)
    : layout_(std::move(layout)), columns_(std::move(columns)), comm_(comm) {
  Index width = 1;
  for (const ResultColumn& column : columns_) width = std::max(width, column.width);
  const std::int64_t block_bytes = layout_.most_rows * width * static_cast<std::int64_t>(sizeof(double));
  blocks_per_round_ = std::max<Index>(std::min(piece_bytes, NumericDataset::kMostBytes) / block_bytes, 1);
  comm_.on_root([&] { output_ = std::make_unique<Output>(file, layout_.records, columns_, header); });
}

ResultsWriter::~ResultsWriter() = default;

Index ResultsWriter::rounds() const {
  Index most_blocks = 0;
  for (int rank = 0; rank < layout_.size; ++rank)
    most_blocks = std::max(most_blocks, layout_.own_blocks_of(rank));
  return (most_blocks + blocks_per_round_ - 1) / blocks_per_round_;
}

ResultsWriter::Rows ResultsWriter::rows(Index round) const {
  return rows_of(layout_.rank, round);
}

ResultsWriter::Rows ResultsWriter::rows_of(int rank, Index round) const {
  const Index blocks = layout_.own_blocks_of(rank), rank_block = layout_.first_block_of(rank);
  const Index first_block = std::min(round * blocks_per_round_, blocks);
  const Index end_block = std::min(first_block + blocks_per_round_, blocks);
  const Index first = layout_.first_record_of_block(rank_block + first_block);
  const Index end = layout_.first_record_of_block(rank_block + end_block);
  return {first - layout_.first_record_of(rank), end - first, first_block, end_block - first_block};
}

std::size_t ResultsWriter::find(const std::string& column, ResultColumn::Type type) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(),
                                  [&](const auto& c) { return c.name == column && c.type == type; });
  if (found == columns_.end()) throw std::logic_error(fmt::format("no column '{}' of this type", column));
  return static_cast<std::size_t>(found - columns_.begin());
}

template <class T>
void ResultsWriter::write_round(const std::string& column, Index round, std::span<const T> values) {
  const std::size_t index = find(column, kType<T>);
  const Index width = std::max<Index>(columns_[index].width, 1);
  if (static_cast<Index>(values.size()) != rows(round).count * width) {
    throw std::logic_error(fmt::format("column '{}' got {} values for {} rows of {}", column, values.size(),
                                       rows(round).count, width));
  }
  std::vector<T> received;
  std::optional<Error> failure;  // reported after all ranks have delivered, or they would wait for ever
  for (int rank = 0; rank < layout_.size; ++rank) {
    const Rows theirs = rows_of(rank, round);
    if (theirs.count == 0) continue;
    std::span<const T> piece = values;
    if (rank != 0) {
      if (rank == comm_.rank()) comm_.send(values, 0);
      if (!comm_.is_root()) continue;
      received.resize(static_cast<std::size_t>(theirs.count * width));
      comm_.receive(std::span<T>(received), rank);
      piece = received;
    }
    if (!comm_.is_root() || failure) continue;
    try {
      output_->write(index, layout_.first_record_of(rank) + theirs.first, theirs.count, std::as_bytes(piece));
    } catch (const Error& error) {
      failure = error;
    }
  }
  comm_.agree([&] {
    if (failure) throw *failure;
  });
}

template <class T>
void ResultsWriter::write_rounds(const std::string& column, std::span<const T> values) {
  const Index width = std::max<Index>(columns_[find(column, kType<T>)].width, 1);
  for (Index round = 0; round < rounds(); ++round) {
    const Rows own = rows(round);
    write_round(column, round,
                values.subspan(static_cast<std::size_t>(own.first * width),
                               static_cast<std::size_t>(own.count * width)));
  }
}

void ResultsWriter::write(const std::string& column, Index round, std::span<const std::int32_t> values) {
  write_round(column, round, values);
}
void ResultsWriter::write(const std::string& column, Index round, std::span<const double> values) {
  write_round(column, round, values);
}
void ResultsWriter::write_all(const std::string& column, std::span<const std::int32_t> values) {
  write_rounds(column, values);
}
void ResultsWriter::write_all(const std::string& column, std::span<const double> values) {
  write_rounds(column, values);
}

void ResultsWriter::finish() {
  comm_.on_root([&] { output_->finish(); });
}

void write_dataset_file(const std::filesystem::path& file, const std::string& dataset,
                        const RowMatrix& values, const std::vector<std::string>& feature_names) {
  const ResultColumn column{.name = dataset, .width = values.cols(), .feature_names = feature_names};
  const Partition partition{.records = values.rows(), .block_rows = default_block_rows(values.rows())};
  ResultsWriter writer(file, partition, {column}, {}, Communicator());
  writer.write_all(dataset, {values.data(), static_cast<std::size_t>(values.size())});
  writer.finish();
}

}  // namespace jensen::io
