#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jensen/core/aligned.hpp"
#include "jensen/data/count_block.hpp"
#include "jensen/fit/model.hpp"
#include "jensen/models/lda/sums.hpp"

namespace jensen::lda {

/// What q says of topics: a Dirichlet distribution over words each, or one point and no prior.
enum class TopicKind { dirichlet, point };
/// Whether a sweep over a document updates all its words at once, or one after another.
enum class DocumentStep { block, sequential };
/// Whether a prior's concentration stays, or follows the data.
enum class Learning { fixed, symmetric, asymmetric };

/// Stochastic variational inference (Hoffman et al. 2013): each iteration looks at a part of the documents
/// and takes a step of (tau0 + t)^-kappa towards what they say.
struct Batches {
  Index documents = 0;        // of the corpus
  Index batch_documents = 0;  // looked at in an iteration, about; 0: all, and full steps
  double kappa = 0.7;         // in (0.5, 1] for convergence
  double tau0 = 10;           // 0 or more: slows early steps
  std::uint64_t seed = 1;

  bool are_all() const { return batch_documents == 0 || batch_documents >= documents; }
  Index count() const { return are_all() ? 1 : (documents + batch_documents - 1) / batch_documents; }
  double step_size(Index t) const;
  /// Whether iteration t looks at the document. In each epoch of `count()` iterations a document is in one
  /// batch, drawn anew: a function of (seed, epoch, document).
  bool contains(Index t, Index document) const;
};

/// A vector of equal numbers.
Vector symmetric(double concentration, Index size);

/// What a topic model is told beside the data.
struct Settings {
  Index topics = 1;
  TopicKind kind = TopicKind::dirichlet;
  DocumentStep document_step = DocumentStep::block;
  Index most_sweeps = 100;           // over a document, in a pass
  double document_tolerance = 1e-3;  // block: mean change of gamma; sequential: relative gain of the bound
  Vector alpha = {};                 // K: Dirichlet prior of a document's mixture, to begin with
  Learning learn_alpha = Learning::fixed;
  Vector eta = symmetric(0.01, 1);  // Dirichlet prior of a topic's words, to begin with: 1 number, or V
  Learning learn_eta = Learning::fixed;
  /// Documents go on from their gamma of the pass before. Faster, and no full pass can lower the ELBO; but
  /// after a resume, when they start afresh, the bits are others.
  bool warm_start = false;
  Batches batches = {};
};

struct WordRows;
struct MixturePrior;
class DocumentWork;

/// Latent Dirichlet allocation (Blei, Ng and Jordan 2003) by variational Bayes:
///
///   theta_d ~ Dir(alpha), beta_k ~ Dir(eta), z_dn ~ theta_d, w_dn ~ beta_z,   eta one number or V;
///   q = prod_k Dir(beta_k | lambda_k) prod_d Dir(theta_d | gamma_d) prod_n q(z_dn)
///
/// (Hoffman, Blei and Bach 2010), or with topics that are points (Blei et al. 2003, lda-c). The objective is
/// the full ELBO of the tokens in their order: no multinomial coefficient. A document without tokens adds 0.
///
/// Documents start afresh in each pass, so that an E-step follows from the parameters alone. As the ELBO of a
/// document can have several maxima, and its sweeps end at a tolerance, ascent is then what one sees and not
/// what theory promises.
class LatentDirichletAllocation {
 public:
  using Block = CountBlock;
  using Sums = lda::Sums;
  struct Cache {
    AlignedVector<double> gamma = {};  // of the block's documents; only where they start warm
  };

  /// Topics are uniform to begin with. Throws UsageError where settings cannot be: alpha has another length
  /// than topics or eta than words, or a concentration is not positive.
  LatentDirichletAllocation(const Settings& settings, Index words);

  const Settings& settings() const { return settings_; }
  Index topics() const { return topic_word_.cols(); }
  Index words() const { return topic_word_.rows(); }
  const Vector& alpha() const { return alpha_; }
  /// V numbers, or 1 that is every word's.
  const Vector& eta() const { return eta_; }
  double eta_of(Index word) const { return eta_[eta_.size() == 1 ? 0 : word]; }
  /// V x K: lambda, the parameters of q(beta), or the points.
  const RowMatrix& topic_word() const { return topic_word_; }
  /// V x K: E[beta_kw]; columns add up to 1.
  RowMatrix topic_means() const;
  /// K: expected tokens of each topic, by the last global step; none before it (all 0).
  const Vector& sizes() const { return sizes_; }
  /// Topics with more than half a token.
  Index live_topics() const { return (sizes_.array() > 0.5).count(); }
  /// The n most probable words of a topic and their probabilities E[beta_kw], falling; ties by rising word.
  std::vector<std::pair<Index, double>> top_words(Index topic, Index n) const;

  /// V x K positive numbers: lambda, or points up to a factor of each topic. Throws InputError.
  void set_topics(const RowMatrix& topic_word);
  void set_alpha(const Vector& alpha);

  Sums make_sums() const {
    const bool points = settings_.kind == TopicKind::point;
    return Sums(words(), topics(), points ? Sums::Rows::exact : Sums::Rows::fixed_point);
  }
  void prepare(Index t);
  /// Throws InputError where the block has a word beyond the vocabulary or a count that is not positive.
  void local_step(const Block& block, Cache& cache, Sums& sums) const;
  /// The ELBO; of batches an estimate of it, from the documents of one.
  double objective(const Sums& total) const { return scale_of(total) * total.objective() + topics_bound_; }
  bool monotone() const { return settings_.warm_start && settings_.batches.are_all(); }
  Change global_step(const Sums& total, Index t);

  void describe(Archive& archive);
  /// Parameters under "/parameters": topics (K x V: E[beta]), topics_dirichlet (K x V: lambda) where topics
  /// have a Dirichlet, alpha, eta (1 or V), sizes.
  void save(Document& document) const;
  /// Throws InputError where what `describe` loaded cannot be the state of a topic model.
  void require_valid() const;
  ObjectiveUnits units() const { return {"ELBO", "nats", 1, 0}; }

  /// -KL(q(beta) || p(beta)) of all topics, nats; 0 for points.
  double topics_bound() const { return topics_bound_; }

  /// q of one document at the prepared parameters.
  struct Posterior {
    Vector gamma;      // K
    double bound = 0;  // of the document, nats
    double tokens = 0;
    Index sweeps = 0;
    Vector mixture() const { return gamma / gamma.sum(); }  // E[theta]
  };
  Posterior infer(const WordCounts& document) const;

  /// Adds a document's words to a topic's expected counts, as if all its tokens were of that topic.
  void add_labelled(const WordCounts& document, Index topic, Sums& sums) const;
  /// Takes the topics of such counts, over all documents; alpha and eta stay.
  std::vector<Repair> label_step(const Sums& total);

 private:
  double scale_of(const Sums& total) const;
  void solve(const WordCounts& document, std::span<const double> first_gamma) const;
  void update_topics(const Sums& total, double scale, double step_size, Change& change);
  void update_alpha(const Sums& total, double scale, double step_size);
  void update_eta(double step_size);
  double total_eta() const;
  double prepare_dirichlet();
  void prepare_points();

  Settings settings_;
  Vector alpha_;          // K
  Vector eta_;            // 1 or V
  RowMatrix topic_word_;  // V x K
  Vector sizes_;          // K

  // Derived by prepare():
  Index t_ = 0;
  std::shared_ptr<WordRows> word_rows_;
  std::shared_ptr<MixturePrior> prior_;
  double topics_bound_ = 0;

  std::shared_ptr<DocumentWork> work_;  // of local steps; keeps nothing from one to the next
};

static_assert(Model<LatentDirichletAllocation>);

/// Throws InputError, naming the document by its global number, where the block has a word beyond the
/// vocabulary or a count that is not positive and finite.
void require_valid(const CountBlock& block, Index words);

}  // namespace jensen::lda
