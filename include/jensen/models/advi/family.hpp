#pragma once

#include <span>
#include <string_view>

#include "jensen/core/types.hpp"
#include "jensen/fit/archive.hpp"

namespace jensen::advi {

/// What covariance a normal q(zeta) has: diagonal; any; or a diagonal and a few directions beside it.
enum class Covariance { mean_field, full_rank, low_rank };
/// As users write it: "mean-field".
std::string_view name_of(Covariance covariance);

/// q(zeta) = N(mean, S S') of p unconstrained parameters, as zeta = mean + S noise, noise standard normal:
///
///   mean_field   S = diag(exp w)                       (Kucukelbir et al. 2017, eq. 5)
///   full_rank    S = L, lower triangular, its diagonal exp w
///   low_rank     S = (B, diag(exp w)), B p x r         (Ong, Nott and Smith 2018)
///
/// Its parameters are one flat vector: the mean, then w, then what else S has (L below its diagonal, row by
/// row; B by rows).
class Family {
 public:
  Family() = default;
  /// Standard normal, but for B, which begins with small numbers that break its symmetry.
  Family(Covariance covariance, Index size, Index rank);

  Covariance covariance() const { return covariance_; }
  Index size() const { return size_; }
  Index rank() const { return rank_; }
  Index noise_size() const { return covariance_ == Covariance::low_rank ? size_ + rank_ : size_; }

  /// Takes the mean, and the covariance as far as S can: a diagonal is that of 1 / precision, the nearest to
  /// the normal by KL(q || normal).
  void set_normal(const Vector& mean, const Matrix& covariance, const Matrix& precision);

  Vector& parameters() { return parameters_; }
  const Vector& parameters() const { return parameters_; }

  /// Takes S and what follows from it from the parameters; after they changed.
  void prepare();

  Eigen::VectorBlock<const Vector> mean() const { return parameters_.head(size_); }
  /// p: standard deviations.
  Vector deviations() const;
  /// p x p.
  Matrix covariance_matrix() const;

  /// mean + S noise.
  Vector at(const Vector& noise) const { return mean() + scale_times(noise); }
  /// nats.
  double entropy() const { return entropy_; }
  /// log q(zeta), and its gradient with respect to zeta.
  double log_density(const Vector& zeta) const;
  Vector score(const Vector& zeta) const;

  /// Adds the gradient of f(at(noise)) with respect to the parameters, given that with respect to zeta.
  void add_gradient(const Vector& noise, const Vector& zeta_gradient, Vector& gradient) const;
  /// Adds the gradient of the entropy.
  void add_entropy_gradient(Vector& gradient) const;
  /// Moves by `rate` along the natural gradient (Amari 1998): the same step in all linear coordinates, S
  /// becoming S (1 + A); but for what is held back, as no number of the step in standard deviations, nor of
  /// A, becomes larger than `most`. Not for low_rank.
  void take_natural_step(const Vector& gradient, double rate, double most);

 private:
  Vector scale_times(const Vector& noise) const;
  Vector solve(const Vector& difference) const;  // (S S')^-1 difference

  Covariance covariance_ = Covariance::mean_field;
  Index size_ = 0, rank_ = 0;
  Vector parameters_;

  // Derived by prepare():
  Vector diagonal_;                           // exp w
  Matrix scale_;                              // full_rank: L; low_rank: B
  Matrix inner_;                              // low_rank: lower Cholesky factor of 1 + B' diag(exp -2w) B
  double entropy_ = 0, log_determinant_ = 0;  // of S S', half of it
};

}  // namespace jensen::advi
