// Prints a hash of what each kernel makes of numbers that are the same everywhere.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "jensen/core/aligned.hpp"
#include "jensen/core/bit_hash.hpp"
#include "jensen/core/nearest.hpp"
#include "jensen/core/product.hpp"
#include "jensen/core/quadratic.hpp"
#include "jensen/core/simd_math.hpp"
#include "jensen/models/mixture/softmax.hpp"
#include "models/lda/document_kernels.hpp"

using namespace jensen;

namespace {

using Numbers = AlignedVector<double>;

/// In (-1, 1), by a linear congruential generator.
Numbers numbers(Index count, std::uint64_t seed) {
  Numbers values(static_cast<std::size_t>(count));
  for (double& value : values) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    value = static_cast<double>(static_cast<std::int64_t>(seed)) * 0x1p-63;
  }
  return values;
}

template <class T>
void print(const char* what, Index a, Index b, Index c, std::span<const T> values) {
  BitHash hash;
  for (const T value : values) hash.add(static_cast<double>(value));
  std::printf("%s %ld %ld %ld %016lx\n", what, a, b, c, hash.value());
}

void print(const char* what, Index a, Index b, Index c, const Numbers& values) {
  print(what, a, b, c, std::span<const double>(values));
}

void products() {
  for (const Index rows : {1, 5, 6, 23}) {
    for (const Index depth : {1, 7, 96}) {
      for (const Index columns : {8, 16, 24, 32, 72}) {
        const Numbers a = numbers(rows * depth, 1), b = numbers(depth * columns, 2);
        Numbers c = numbers(rows * columns, 4);
        simd::add_product(rows, depth, columns, a.data(), depth, b.data(), columns, c.data(), columns);
        print("product", rows, depth, columns, c);
      }
    }
  }
}

template <class T>
void products_of(const std::string& suffix) {
  const auto make = [](Index count, std::uint64_t seed) {
    const Numbers values = numbers(count, seed);
    return AlignedVector<T>(values.begin(), values.end());
  };
  for (const Index rows : {1, 5, 6, 23}) {
    for (const Index depth : {1, 7, 96}) {
      for (const Index vectors : {1, 2, 3, 4, 9}) {
        const Index columns = vectors * simd::kLanes<T>;
        const auto a = make(rows * depth, 1), b = make(depth * columns, 2), other = make(depth * columns, 3);
        auto c = make(rows * columns, 4);
        const auto show = [&](const std::string& what) {
          print((what + suffix).c_str(), rows, depth, columns, std::span<const T>(c));
        };
        simd::add_transposed_product(rows, depth, columns, a.data(), rows, b.data(), columns, c.data(),
                                     columns);
        show("transposed");
        simd::add_scaled_distances(rows, depth, columns, a.data(), depth, b.data(), other.data(), columns,
                                   c.data(), columns);
        show("distances");
      }
    }
  }
}

void quadratics() {
  for (const Index rows : {1, 5, 48}) {
    for (const Index features : {1, 2, 7, 16}) {
      for (const Index columns : {8, 16, 24, 32}) {
        const Numbers z = numbers(rows * 2 * features, 1), r = numbers(rows * columns, 2);
        Numbers lines = numbers(simd::line_of(features, features) * columns, 3);
        Numbers scores(r.size()), room(static_cast<std::size_t>(rows * simd::kMostColumns));
        simd::polynomials(rows, features, columns, z.data(), 2 * features, lines.data(), r.data(),
                          scores.data(), columns);
        print("polynomials", rows, features, columns, scores);
        simd::add_second_moments(rows, features, columns, z.data(), 2 * features, r.data(), columns,
                                 room.data(), lines.data());
        print("second moments", rows, features, columns, lines);
      }
    }
  }
}

void functions() {
  Numbers x = numbers(512, 5), y(512);
  const auto apply = [&](const char* name, double scale, double shift, auto function) {
    for (std::size_t i = 0; i < x.size(); i += 8)
      simd::store<double>(function(simd::load<double>(&x[i]) * scale + shift), &y[i]);
    print(name, 0, 0, 0, y);
  };
  apply("exp", 700, 0, [](const simd::Doubles& v) { return simd::exp(v); });
  apply("log", 50, 50.001, [](const simd::Doubles& v) { return simd::log(v); });
  apply("digamma", 10, 10.001, [](const simd::Doubles& v) { return simd::digamma(v); });
  AlignedVector<float> narrow(512);
  for (std::size_t i = 0; i < narrow.size(); ++i) narrow[i] = static_cast<float>(87 * x[i]);
  for (std::size_t i = 0; i < narrow.size(); i += 16)
    simd::store<float>(simd::exp_in_range(simd::load<float>(&narrow[i])), &narrow[i]);
  print("exp of floats", 0, 0, 0, std::span<const float>(narrow));
}

template <class T>
void responsibilities(const char* name) {
  Numbers density(16);
  for (const Index vectors : {1, 5}) {
    const Index stride = vectors * simd::kLanes<T>;
    const Numbers wide = numbers(11 * stride, 6);
    AlignedVector<T> scores(wide.begin(), wide.end());
    mixture::normalise(11, stride, 64, scores.data(), density.data());
    print(name, stride, 0, 0, std::span<const T>(scores));
    print(name, stride, 0, 1, std::span<const double>(density).first(11));
  }
}

template <class T>
void nearest(const char* name) {
  for (const Index d : {1, 8, 33}) {
    for (const Index k : {1, 5, 50}) {
      const Numbers positions = numbers(k * d, 7), records = numbers(d * kTileRows<T>, 8);
      const Positions<T> search(Eigen::Map<const RowMatrix>(positions.data(), k, d));
      const AlignedVector<T> tile(records.begin(), records.end());
      Nearest<T> found;
      search.find_two(tile.data(), found);
      print(name, d, k, 1, std::span<const T>(found.best));
      print(name, d, k, 2, std::span<const T>(found.second));
      print(name, d, k, 3, std::span<const T>(found.index));
    }
  }
}

void topics() {
  for (const Index stride : {8, 24, 104}) {
    for (const Index words : {8, 40}) {
      Numbers rows = numbers(words * stride, 9), counts = numbers(words, 10), theta = numbers(stride, 11);
      for (auto* values : {&rows, &counts, &theta}) {
        for (double& value : *values) value = std::abs(value) + 1e-3;
      }
      Numbers norms(counts.size()), ratios(counts.size()), sums(theta.size()), gamma(theta.size()),
          digammas(theta.size()), logs(theta.size());
      lda::sweep_words(words, rows.data(), stride, counts.data(), theta.data(), norms.data(), ratios.data(),
                       sums.data());
      print("sweep", stride, words, 0, norms);
      print("sweep", stride, words, 1, sums);
      double largest = 0, magnitude = 0;
      const lda::MixturePrior prior{
          .topics = stride, .alpha = theta, .log_gamma = theta, .first_gamma = theta};
      Numbers bounds = {lda::update_gamma(stride, theta.data(), theta.data(), sums.data(), gamma.data(),
                                          digammas.data(), largest)};
      bounds.push_back(lda::mixture_bound(stride, prior, gamma.data(), digammas.data(), 3, logs.data()));
      bounds.push_back(lda::words_bound(words, counts.data(), norms.data(), ratios.data(), 0.5, magnitude));
      lda::exponentiate(stride, digammas.data(), largest, theta.data());
      Numbers phi(theta.size());
      lda::update_word(stride, 2, theta.data(), rows.data(), phi.data(), gamma.data());
      bounds.push_back(lda::word_bound(stride, phi.data(), logs.data(), rows.data()));
      for (const Numbers* values : {&gamma, &digammas, &logs, &theta, &phi, &bounds})
        print("document", stride, words, values->front() > 0, *values);
    }
  }
}

}  // namespace

int main() {
  products();
  products_of<double>("");
  products_of<float>(" of floats");
  quadratics();
  functions();
  responsibilities<double>("responsibilities");
  responsibilities<float>("responsibilities of floats");
  nearest<double>("nearest");
  nearest<float>("nearest in float");
  topics();
}
