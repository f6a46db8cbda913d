#pragma once

#include <optional>
#include <string>
#include <vector>

#include "corpus_sample.hpp"
#include "fit_setup.hpp"
#include "jensen/init/count_start_request.hpp"
#include "jensen/io/corpus.hpp"
#include "nouns.hpp"
#include "settings.hpp"

namespace jensen::app {

/// The words of the corpus that a model was fitted to; empty where they have no names. Throws InputError.
std::vector<std::string> stored_words(const Document& document);

/// Throws InputError unless numbers of words mean the same in the corpus of a model file and in this one, of
/// that name, V and names of words or none.
void require_same_vocabulary(const Document& document, const std::string& corpus, Index vocabulary,
                             const std::vector<std::string>& names);

/// What the commands do with documents as counts of words; see DenseData. Of a Method's options they read
/// `fractional_counts`, and the data set that `Method::word_prior_of` names.
struct CorpusData {
  using Info = io::CorpusFileInfo;
  using Loaded = io::LoadedCorpus;
  using StartRequest = CountStartRequest;

  static constexpr Nouns kNouns{.records = "documents",
                                .features = "words",
                                .components = "topics",
                                .component = "topic",
                                .weight = "token",
                                .weights = "tokens",
                                .total_weight = "tokens"};
  static constexpr const char* kStarts = "random|documents|labels:FILE:/d|model:FILE";
  static constexpr const char* kNoPlane =
      "topics are shares of words, of which no two are a plane worth looking at; 'jensen info' lists the "
      "words "
      "of each topic";
  static constexpr const char* kShares = "mixtures";
  static constexpr bool kAlwaysShares = true;

  static void adapt(std::vector<Option>& options, const std::string& model);

  /// What a model is made for, beside its options and the number of its topics.
  struct Space {
    Index vocabulary = 0;  // V
    double tokens = 0;     // of the corpus that the model is fitted to, and its documents
    Index documents = 0;
    Vector word_prior = {};  // V, where the fit has one for each word

    Index features() const { return vocabulary; }
  };

  struct Given {
    std::vector<Index> labels = {};  // of the own documents: 0 ... K-1
    std::optional<Document> model = {};
  };

  static Info inspect(const std::string& input, const Communicator& comm) {
    return io::inspect_corpus(input, comm);
  }
  /// There may be more topics than documents, but K x V must be a number that can be held.
  static void require_fitting_sizes(const Info& info, Index components, Index block_rows);
  static std::string describe(const Info& info, Index block_rows);
  static MemoryEstimate estimate_memory(const Info& info, const FitSettings& settings, Index statistics_size,
                                        int ranks);
  /// Told by a model of one word, as K x V numbers are not to be taken before they were announced.
  template <class Method>
  static Index statistics_size(const Info& info, const typename Method::Options& options, Index components) {
    const auto size = Method::make(options, components, 1, info.documents, 0).make_sums().flat().size();
    return static_cast<Index>(size) + components * (info.vocabulary - 1);
  }

  template <class Options>
  static Loaded load(const Info& info, const FitSettings& settings, const Options& options,
                     const Communicator& comm) {
    return io::load_corpus(
        info, {.fractional_counts = options.fractional_counts, .block_documents = settings.block_rows}, comm);
  }
  template <class Method, class Warn>
  static Space space_of(const Info& info, const Loaded& data, const typename Method::Options& options,
                        const FitSettings&, Index, const Warn& warn, const Communicator& comm) {
    for (const std::string& warning : warnings(data)) warn(warning);
    return {data.shard.vocabulary(), data.tokens, data.shard.documents(),
            load_word_prior(info, Method::word_prior_of(options), comm)};
  }
  static CountShard shard_in(const Space&, const Loaded& data) { return data.shard; }
  static Document header(const Loaded& data) { return io::data_header(data); }

  template <class Method>
  static typename Method::Model make(const typename Method::Options& options, Index components,
                                     const Space& space, std::uint64_t seed) {
    return Method::make(options, components, space.vocabulary, space.documents, seed, space.word_prior);
  }

  static Given read_start(const NamedStart& named, Index components, const CountShard& shard,
                          const Communicator& comm);
  static StartRequest start_request(const NamedStart& named, const Given& given, Index components,
                                    const CountShard& shard, const Space& space, const Communicator& comm,
                                    const StartOccasion& occasion);

  static void require_schema(const Document& document);
  static std::string stored_sizes(const Document& document);
  static void require_stored(const Document& document);
  static Space stored_space(const Document& document);

  template <class Model>
  static void require_valid(const Model& model, const Space&) {
    model.require_valid();
  }
  template <class Method>
  static void require_agreement(const typename Method::Model& model, const Space&, const Document& document) {
    Method::require_agreement(model, document);
  }

  /// The documents to be judged by a model. Throws InputError where their vocabulary is not that of the
  /// corpus that the model was fitted to, and UsageError where there are weights.
  template <class Options>
  static Loaded load_for(const Document& document, const Space&, const Options& options,
                         const std::string& input, const std::string& weights, const Communicator& comm) {
    return load_for(document, options.fractional_counts, input, weights, comm);
  }
  /// Draws documents, as long as those of the fit are in the mean, into a corpus. Collective.
  template <class Method>
  static void draw(const typename Method::Model& model, const Space& space, Index components,
                   const Document& document, const SampleRequest& request, const Communicator& comm) {
    const double mean_length = space.tokens / static_cast<double>(space.documents);
    draw_documents(typename Method::Sampler(model, mean_length, request.seed), components, space.vocabulary,
                   mean_length, document, request, comm);
  }

 private:
  static std::vector<std::string> warnings(const Loaded& data);
  static Vector load_word_prior(const Info& info, const std::string& name, const Communicator& comm);
  static Loaded load_for(const Document& document, bool fractional_counts, const std::string& input,
                         const std::string& weights, const Communicator& comm);
};

}  // namespace jensen::app
