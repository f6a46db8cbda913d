#include "jensen/io/import_npy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <type_traits>

#include "import_csv_columns.hpp"
#include "import_hdf5_writer.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/stopwatch.hpp"
#include "npy_file.hpp"

namespace jensen::io {
namespace {

/// A number of the file; `Bits` is the unsigned integer of its size.
template <class Raw, class Bits>
Raw decode(const std::byte* from, bool swapped) {
  Bits bits = 0;
  std::memcpy(&bits, from, sizeof(Bits));
  if constexpr (sizeof(Bits) == 2) bits = swapped ? __builtin_bswap16(bits) : bits;
  if constexpr (sizeof(Bits) == 4) bits = swapped ? __builtin_bswap32(bits) : bits;
  if constexpr (sizeof(Bits) == 8) bits = swapped ? __builtin_bswap64(bits) : bits;
  if constexpr (std::is_same_v<Raw, bool>) {
    return bits != 0;
  } else {
    return std::bit_cast<Raw>(bits);
  }
}

/// What is wrong with storing the number as T, or nothing.
template <class T, class Raw>
const char* fault_of(Raw number) {
  if constexpr (std::is_floating_point_v<Raw>) {
    if (!std::isfinite(number)) return "must be finite; correct it";
    if (!std::isfinite(static_cast<T>(number))) return "must be at most 3.4e38; store float64";
  } else if constexpr (sizeof(Raw) == 8) {
    constexpr auto kMost = Raw{1} << 53;
    bool beyond = number > kMost;
    if constexpr (std::is_signed_v<Raw>) beyond |= number < -kMost;
    if (beyond) return "must be at most 2^53 in size, which float64 holds exactly; subtract an offset";
  }
  return nullptr;
}

/// Reads the array piece by piece, as records of the columns that are kept.
template <class T>
class Converter {
 public:
  Converter(const NpyFile& file, const csv::Columns& columns, Hdf5Writer<T>& writer)
      : file_(file), columns_(columns), writer_(writer) {
    kept_.resize(static_cast<std::size_t>(columns.features));
    for (std::size_t column = 0; column < columns.slots.size(); ++column) {
      if (columns.slots[column] >= 0)
        kept_[static_cast<std::size_t>(columns.slots[column])] = static_cast<Index>(column);
    }
  }

  /// Records that a piece of so many bytes holds, at least one.
  Index records_in(std::int64_t piece_bytes) const {
    const NpyHeader& header = file_.header();
    const Index columns = header.by_columns ? columns_.features : header.features;
    return std::clamp<Index>(piece_bytes / (columns * header.bytes), 1, header.records);
  }

  void convert(Index first, Index count) {
    const NpyHeader& header = file_.header();
    const Index columns = header.by_columns ? columns_.features : header.features;
    piece_.resize(static_cast<std::size_t>(count * columns * header.bytes));
    offsets_.resize(kept_.size());
    if (header.by_columns) {
      const auto stretch = static_cast<std::size_t>(count * header.bytes);
      for (std::size_t slot = 0; slot < kept_.size(); ++slot) {
        file_.read(kept_[slot] * header.records + first, std::span(piece_).subspan(slot * stretch, stretch));
        offsets_[slot] = static_cast<Index>(slot) * count;
      }
      step_ = 1;
    } else {
      file_.read(first * header.features, piece_);
      offsets_ = kept_;
      step_ = header.features;
    }
    switch (header.kind) {
      case 'f':
        return header.bytes == 4 ? keep<float, std::uint32_t>(first, count)
                                 : keep<double, std::uint64_t>(first, count);
      case 'b':
        return keep<bool, std::uint8_t>(first, count);
      case 'i':
        return keep_integers<std::int8_t, std::int16_t, std::int32_t, std::int64_t>(first, count);
      default:
        return keep_integers<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>(first, count);
    }
  }

 private:
  template <class I8, class I16, class I32, class I64>
  void keep_integers(Index first, Index count) {
    switch (file_.header().bytes) {
      case 1:
        return keep<I8, std::uint8_t>(first, count);
      case 2:
        return keep<I16, std::uint16_t>(first, count);
      case 4:
        return keep<I32, std::uint32_t>(first, count);
      default:
        return keep<I64, std::uint64_t>(first, count);
    }
  }

  template <class Raw, class Bits>
  void keep(Index first, Index count) {
    const bool swapped = file_.header().swapped;
    for (Index record = 0; record < count; ++record) {
      T* const row = writer_.next_row();
      const std::byte* const begin = piece_.data() + record * step_ * static_cast<Index>(sizeof(Bits));
      for (std::size_t slot = 0; slot < offsets_.size(); ++slot) {
        const Raw number =
            decode<Raw, Bits>(begin + offsets_[slot] * static_cast<Index>(sizeof(Bits)), swapped);
        if (const char* fault = fault_of<T>(number)) refuse(first + record, slot, number, fault);
        row[slot] = static_cast<T>(number);
      }
      writer_.keep_row();
    }
  }

  template <class Raw>
  [[noreturn]] void refuse(Index record, std::size_t slot, Raw number, const char* fault) const {
    throw InputError(
        fmt::format("'{}' record {}, column {} holds {} ({}, or leave out the record, or the column with "
                    "--columns; records "
                    "count from 0, columns from 1)",
                    file_.path().string(), record, kept_[slot] + 1, number, fault));
  }

  const NpyFile& file_;
  const csv::Columns& columns_;
  Hdf5Writer<T>& writer_;
  std::vector<Index> kept_;  // column of each feature
  std::vector<std::byte> piece_;
  std::vector<Index> offsets_;  // of a record's features in the piece, in numbers
  Index step_ = 1;              // from record to record, in numbers
};

template <class T>
void convert(const NpyFile& file, const std::filesystem::path& output, const csv::Columns& columns,
             const NpyOptions& options, const ImportObserver& progress) {
  Hdf5Writer<T> writer(output, {options.dataset, columns.features, {}});
  Converter<T> converter(file, columns, writer);
  const Index records = file.header().records, step = converter.records_in(options.piece_bytes);
  for (Index first = 0; first < records; first += step) {
    converter.convert(first, std::min(step, records - first));
    const double share = static_cast<double>(writer.records()) / static_cast<double>(records);
    if (progress) {
      progress({static_cast<std::int64_t>(share * static_cast<double>(file.bytes())), file.bytes(),
                writer.records()});
    }
  }
  writer.seal();
  writer.verify();
  writer.publish();
}

}  // namespace

bool is_npy(const std::filesystem::path& file) {
  if (file.extension() == ".npy") return true;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return false;  // a pipe could be read only once
  std::ifstream stream(file, std::ios::binary);
  std::string start(kNpyMagic.size(), '\0');
  stream.read(start.data(), static_cast<std::streamsize>(start.size()));
  return stream && start == kNpyMagic;
}

ImportSummary import_npy(const std::filesystem::path& input, const std::filesystem::path& output,
                         const NpyOptions& options, const ImportObserver& progress) {
  const Stopwatch clock;
  std::error_code absent;
  if (std::filesystem::equivalent(input, output, absent)) {
    throw UsageError(fmt::format(
        "input and output are the same file, '{}' (must differ); name another output", output.string()));
  }
  const NpyFile file(input);
  const NpyHeader& header = file.header();
  const csv::Columns columns =
      csv::choose_columns(input, options.columns, static_cast<std::size_t>(header.features), {});
  if (options.float32 || header.fits_float()) {
    convert<float>(file, output, columns, options, progress);
  } else {
    convert<double>(file, output, columns, options, progress);
  }
  return {.records = header.records,
          .features = columns.features,
          .seconds = clock.seconds(),
          .bytes = file.bytes()};
}

}  // namespace jensen::io
