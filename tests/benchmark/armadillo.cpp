// Mixtures by Armadillo:
//
//     bench_armadillo DATA START full|diag ITERATIONS
//
// DATA and START (features x records or components) are in Armadillo's binary format. Prints the seconds of
// EM alone, once for each line of the input.
#include <armadillo>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

template <class Mixture, class Spread>
double seconds_of(const arma::mat& data, const arma::mat& start, const Spread& spread,
                  arma::uword iterations) {
  Mixture mixture;
  const arma::rowvec weights(start.n_cols, arma::fill::value(1.0 / static_cast<double>(start.n_cols)));
  mixture.set_params(start, spread, weights);
  const auto begin = std::chrono::steady_clock::now();
  mixture.learn(data, start.n_cols, arma::maha_dist, arma::keep_existing, 0, iterations, 1e-10, false);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  arma::mat data, start;
  if (!data.load(argv[1], arma::arma_binary) || !start.load(argv[2], arma::arma_binary)) return 3;
  const std::string covariance = argv[3];
  const auto iterations = static_cast<arma::uword>(std::atoi(argv[4]));
  const arma::vec variance = arma::var(data, 1, 1);
  arma::mat spread(data.n_rows, start.n_cols);
  spread.each_col() = variance;
  arma::cube full(data.n_rows, data.n_rows, start.n_cols);
  full.each_slice() = arma::diagmat(variance);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << (covariance == "full" ? seconds_of<arma::gmm_full>(data, start, full, iterations)
                                       : seconds_of<arma::gmm_diag>(data, start, spread, iterations))
              << std::endl;
  }
}
