#include "jensen/io/import_csv.hpp"

#include <fmt/format.h>

#include "import_csv_head.hpp"
#include "import_csv_pieces.hpp"
#include "import_csv_rows.hpp"
#include "import_hdf5_dataset.hpp"
#include "import_hdf5_writer.hpp"
#include "import_reporter.hpp"
#include "jensen/core/error.hpp"
#include "jensen/core/stopwatch.hpp"

namespace jensen::io {
namespace csv {
namespace {

template <class T>
Index convert(Source& source, const Head& head, const std::filesystem::path& output,
              const std::string& dataset, ImportReporter& reporter) {
  Hdf5Writer<T> writer(output, {dataset, head.columns.features, head.columns.feature_names()});
  RowReader<T> rows(source, head);
  while (rows.next(writer.next_row())) {
    writer.keep_row();
    reporter.record_read(source.bytes_read(), writer.records());
  }
  if (writer.records() == 0) {
    throw InputError(fmt::format("'{}' holds a header line and no records (must hold at least one record)",
                                 source.path().string()));
  }
  reporter.report(source.bytes_read(), writer.records());
  writer.seal();
  writer.verify();
  writer.publish();
  return writer.records();
}

}  // namespace

ImportSummary import_in_pieces(const std::filesystem::path& input, const std::filesystem::path& output,
                               const CsvOptions& options, const ImportObserver& progress,
                               const Limits& limits) {
  const Stopwatch clock;
  std::error_code absent;
  if (std::filesystem::equivalent(input, output, absent)) {
    throw UsageError(fmt::format(
        "input and output are the same file, '{}' (must differ); name another output", output.string()));
  }
  Source source(input, limits);
  const Head head = read_head(source, options);
  ImportReporter reporter(progress, source.bytes_total());
  const Index records = options.float32 ? convert<float>(source, head, output, options.dataset, reporter)
                                        : convert<double>(source, head, output, options.dataset, reporter);
  return {.records = records,
          .features = head.columns.features,
          .feature_names = head.columns.feature_names(),
          .seconds = clock.seconds(),
          .bytes = source.bytes_read()};
}

}  // namespace csv

ImportSummary import_csv(const std::filesystem::path& input, const std::filesystem::path& output,
                         const CsvOptions& options, const ImportObserver& progress) {
  return csv::import_in_pieces(input, output, options, progress, {});
}

}  // namespace jensen::io
