#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "console.hpp"
#include "fitted.hpp"
#include "jensen/io/results.hpp"

namespace jensen::app {

/// What the settings ask for; throws UsageError where they do not say it.
struct SampleRequest {
  Index records = 0;
  std::uint64_t seed = 1;
};
SampleRequest sample_request(const SampleSettings& settings);

/// Throws before anything is drawn where the output is the model file, or cannot be written, or has no room.
void require_room_for_sample(const SampleSettings& settings, Index records, Index features,
                             const std::string& model_file);

/// Says where drawn records come from.
Document sample_header(const Document& model, const SampleRequest& request);

/// Says what was drawn, as text or JSON; `counts` of the components.
void report_sample(const SampleSettings& settings, const SampleRequest& request, Index features,
                   const std::vector<std::int64_t>& counts, const std::string& model_file);

/// `jensen sample`: records drawn from the model. Every rank draws its own, piece by piece.
template <class Method>
int run_sample(const Document& document, const SampleSettings& settings, const Communicator& comm) {
  const SampleRequest request = sample_request(settings);
  const ProgressStyle style = progress_style(settings.progress);
  if constexpr (!requires { typename Method::Sampler; }) {
    throw InputError(fmt::format("nothing can be drawn from '{}': {}", document.origin, Method::kNoSampler));
  } else {
    const auto fitted = restore<Method>(document);
    const typename Method::Sampler sampler(fitted.model, fitted.transform, request.seed);
    const Index features = sampler.features();
    comm.on_root([&] { require_room_for_sample(settings, request.records, features, document.origin); });

    const Partition partition{.records = request.records,
                              .block_rows = chosen_block_rows(0, request.records),
                              .rank = comm.rank(),
                              .size = comm.size()};
    const std::vector<io::ResultColumn> columns = {
        {.name = "data", .width = features, .feature_names = feature_names_of(document, features)},
        {.name = "labels", .type = io::ResultColumn::Type::int32}};
    io::ResultsWriter writer(settings.output, partition, columns, sample_header(document, request), comm);
    StatusLine line(comm.is_root() ? style : ProgressStyle::none);
    std::vector<std::int64_t> counts(static_cast<std::size_t>(fitted.model.components()), 0);
    std::vector<double> values;
    std::vector<std::int32_t> labels;
    for (Index round = 0; round < writer.rounds(); ++round) {
      const auto rows = writer.rows(round);
      values.resize(static_cast<std::size_t>(rows.count * features));
      labels.resize(static_cast<std::size_t>(rows.count));
      for (Index row = 0; row < rows.count; ++row) {
        const std::span<double> record(values.data() + row * features, static_cast<std::size_t>(features));
        const Index label = sampler.draw(partition.first_record() + rows.first + row, record);
        labels[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(label);
        ++counts[static_cast<std::size_t>(label)];
      }
      writer.write("data", round, std::span<const double>(values));
      writer.write("labels", round, std::span<const std::int32_t>(labels));
      line.show(fmt::format("{:.0f} % of the records drawn and written",
                            100.0 * static_cast<double>(round + 1) / static_cast<double>(writer.rounds())));
    }
    writer.finish();
    line.clear();
    comm.all_sum(std::span<std::int64_t>(counts));
    if (comm.is_root()) report_sample(settings, request, features, counts, document.origin);
    return 0;
  }
}

}  // namespace jensen::app
