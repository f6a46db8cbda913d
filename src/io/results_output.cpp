#include "results_output.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "hdf5_document.hpp"
#include "hdf5_strings.hpp"

namespace jensen::io {

ResultsWriter::Output::Output(const std::filesystem::path& file)
    : temporary_(file), file_(create_output(temporary_.path())) {}

// Where a file cannot be closed for want of disk space, HDF5 frees it but keeps its identifier, and crashes
// at exit. Identifiers of unfinished files are therefore not closed.
ResultsWriter::Output::~Output() {
  for (Column& column : columns_) column.dataset.abandon();
  file_.abandon();
}

ResultsWriter::Output::Output(const std::filesystem::path& file, Index records,
                              const std::vector<ResultColumn>& columns, const Document& header)
    : Output(file) {
  for (const ResultColumn& column : columns) {
    const bool integer = column.type == ResultColumn::Type::int32;
    Column& made =
        columns_.emplace_back(Column{.path = "/" + column.name,
                                     .shape = {records},
                                     .memory_type = integer ? H5T_NATIVE_INT32 : H5T_NATIVE_DOUBLE});
    if (column.width > 0) made.shape.push_back(column.width);
    made.dataset = create_array(file_.get(), made.path, integer ? H5T_STD_I32LE : H5T_IEEE_F64LE, made.shape);
    if (!column.feature_names.empty()) {
      write_string_attribute(made.dataset.get(), "feature_names", column.feature_names);
    }
  }
  write_document(file_.get(), header);
}

void ResultsWriter::Output::write(std::size_t index, Index first, Index count,
                                  std::span<const std::byte> values) {
  Column& column = columns_.at(index);
  const Handle space(H5Dget_space(column.dataset.get()), H5Sclose);
  const Handle memory = select_rows(space.get(), column.shape, first, count);
  checked<IoError>(H5Dwrite(column.dataset.get(), column.memory_type, memory.get(), space.get(), H5P_DEFAULT,
                            values.data()),
                   fmt::format("write '{}' of '{}'", column.path, temporary_.target().string()));
  column.written += count;
  pieces_.push_back({index, first, count, sha256(values)});
}

void ResultsWriter::Output::finish() {
  for (const Column& column : columns_) {
    if (column.written == column.shape[0]) continue;
    throw std::logic_error(
        fmt::format("{} of {} rows of '{}' were written", column.written, column.shape[0], column.path));
  }
  close();
  temporary_.sync();
  verify();
  temporary_.publish();
}

void ResultsWriter::Output::close() {
  const std::string what = fmt::format("complete '{}'", temporary_.target().string());
  checked<IoError>(H5Fflush(file_.get(), H5F_SCOPE_GLOBAL), what);
  for (Column& column : columns_) checked<IoError>(column.dataset.close(), what);
  checked<IoError>(file_.close(), what);
}

void ResultsWriter::Output::verify() const {
  require_memory_for_file<IoError>(fmt::format("read '{}' back", temporary_.path().string()));
  const Handle access = unlocked_access();
  const Handle file(H5Fopen(temporary_.path().c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  std::vector<std::byte> values;
  for (const Piece& piece : pieces_) {
    const Column& column = columns_[piece.column];
    const Handle dataset(H5Dopen2(file.get(), column.path.c_str(), H5P_DEFAULT), H5Dclose);
    const Handle space = make_space(column.shape);
    const Handle memory = select_rows(space.get(), column.shape, piece.first, piece.count);
    const auto entries = static_cast<std::size_t>(H5Sget_simple_extent_npoints(memory.get()));
    values.resize(entries * H5Tget_size(column.memory_type));
    const herr_t read =
        H5Dread(dataset.get(), column.memory_type, memory.get(), space.get(), H5P_DEFAULT, values.data());
    if (read >= 0 && sha256(values) == piece.hash) continue;
    throw IoError(fmt::format(
        "rows {} to {} of '{}' in '{}' do not read back as they were written; the disk or file system "
        "is failing: write elsewhere",
        piece.first, piece.first + piece.count, column.path, temporary_.path().string()));
  }
}

}  // namespace jensen::io
