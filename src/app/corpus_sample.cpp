#include "corpus_sample.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "corpus_data.hpp"
#include "jensen/io/corpus.hpp"
#include "json.hpp"
#include "print.hpp"

namespace jensen::app {
namespace {

constexpr const char* kGroup = "/corpus";

/// Appends what the other ranks have to what rank 0 has, in rank order.
template <class T>
void collect(std::vector<T>& values, const Communicator& comm) {
  const auto own = static_cast<std::int64_t>(values.size());
  const std::vector<std::int64_t> sizes = comm.all_gather(std::span(&own, 1));
  if (!comm.is_root()) return comm.send(std::span<const T>(values), 0);
  std::size_t filled = values.size();
  values.resize(static_cast<std::size_t>(std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0})));
  for (int rank = 1; rank < comm.size(); ++rank) {
    const auto size = static_cast<std::size_t>(sizes[static_cast<std::size_t>(rank)]);
    comm.receive(std::span<T>(values).subspan(filled, size), rank);
    filled += size;
  }
}

void report(const SampleRequest& request, const CountMatrix& corpus, const std::string& model_file) {
  const double tokens = std::accumulate(corpus.counts.begin(), corpus.counts.end(), 0.0);
  if (request.json) {
    return print_json({{"output", request.output},
                       {"model_file", model_file},
                       {"documents", corpus.documents()},
                       {"vocabulary", corpus.vocabulary},
                       {"entries", corpus.words.size()},
                       {"tokens", tokens},
                       {"seed", request.seed}});
  }
  print_out("{} documents x {} words, {:.15g} tokens, drawn from {}, seed {}\n", corpus.documents(),
            corpus.vocabulary, tokens, model_file, request.seed);
  print_out("documents written to {}:{}, their mixtures of topics to {}:/mixtures\n", request.output, kGroup,
            request.output);
}

}  // namespace

void require_room_for_documents(const SampleRequest& request, Index topics, double mean_length,
                                const std::string& model_file) {
  const double document = 8 + 6 * mean_length + 8 * static_cast<double>(topics);
  require_room_for_sample(request, static_cast<double>(request.records) * document,
                          fmt::format("{} documents of about {:.0f} tokens", request.records, mean_length),
                          model_file);
}

void write_drawn_documents(DrawnDocuments own, const Document& document, const SampleRequest& request,
                           const Communicator& comm) {
  CountMatrix& corpus = own.corpus;
  std::vector<std::int64_t> lengths(corpus.offsets.size());
  std::adjacent_difference(corpus.offsets.begin(), corpus.offsets.end(), lengths.begin());
  lengths.erase(lengths.begin());
  collect(lengths, comm);
  collect(corpus.words, comm);
  collect(corpus.counts, comm);
  collect(own.mixtures, comm);
  comm.on_root([&] {
    corpus.offsets.resize(lengths.size() + 1);
    std::partial_sum(lengths.begin(), lengths.end(), corpus.offsets.begin() + 1);
    Document header = sample_header(document, request);
    header.set("/mixtures", own.mixtures, {request.records, own.topics});
    io::write_corpus_file(request.output, kGroup, corpus, stored_words(document), header);
    report(request, corpus, document.origin);
  });
}

}  // namespace jensen::app
