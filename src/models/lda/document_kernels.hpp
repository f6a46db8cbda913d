#pragma once

#include "workspace.hpp"

/// Loops over the padded numbers of a document. What they read and write starts on cache lines; `stride` and
/// `count` are multiples of a line.
namespace jensen::lda {

inline constexpr Index kLine = 8;  // doubles

/// norms[i] = theta . row i for 8 rows, each a chain of multiply-adds per lane, then summed over lanes.
void multiply_group(const double* rows, Index stride, const double* theta, double* norms);

/// sums += sum over 8 rows of ratio * row, in order of rows.
void add_group(const double* rows, Index stride, const double* ratios, double* sums);

/// norms = theta . rows, ratios = counts / norms and sums += ratios . rows, for `padded` rows.
void sweep_words(Index padded, const double* rows, Index stride, const double* counts, const double* theta,
                 double* norms, double* ratios, double* sums);

/// gamma = alpha + theta * sums, and its digamma; returns sum |change of gamma|, and the largest digamma.
double update_gamma(Index stride, const double* alpha, const double* theta, const double* sums, double* gamma,
                    double* digammas, double& largest);

/// digammas = digamma(gamma); returns the largest.
double digamma_of(Index stride, const double* gamma, double* digammas);

/// theta = exp(digammas - shift), and e^-300 at least, so that no product of it with a word's row vanishes;
/// the shift is about the largest of them, beside which that is nothing.
void exponentiate(Index stride, const double* digammas, double shift, double* theta);

/// sum of counts * (log norm + log scale + shift), and that of the terms' sizes.
double words_bound(Index count, const double* counts, const double* norms, const double* log_scales,
                   double shift, double& magnitude);

/// sum over k of log Gamma(gamma) - log Gamma(alpha) + (alpha - gamma) E[log theta]; writes the latter too.
double mixture_bound(Index stride, const MixturePrior& prior, const double* gamma, const double* digammas,
                     double digamma_of_sum, double* log_theta);

double sum_of(const double* values, Index count);

/// ratios = above / below.
void divide(Index count, const double* above, const double* below, double* ratios);

/// row += factor * a * b.
void add_product_row(Index stride, double factor, const double* a, const double* b, double* row);

/// row += factor * a.
void add_row(Index stride, double factor, const double* a, double* row);

/// phi = theta * row / (theta . row) and gamma += count * (phi - the phi before); for one word.
void update_word(Index stride, double count, const double* theta, const double* row, double* phi,
                 double* gamma);

/// sum over k of phi (E[log theta] + log(row) - log(phi)) for one word.
double word_bound(Index stride, const double* phi, const double* log_theta, const double* row);

}  // namespace jensen::lda
