#pragma once

#include <span>
#include <type_traits>

#include "jensen/core/types.hpp"

namespace jensen {

/// What a model's `describe_part` talks to: copies the numbers of one part out of the model, or into it, or
/// counts them. Listing them once serves all three.
class PartArchive {
 public:
  enum class Way { count, out, in };

  /// `numbers` holds what travels of the part; empty to count.
  PartArchive(Way way, std::span<double> numbers) : way_(way), numbers_(numbers) {}

  void operator()(double& value) { copy({&value, 1}); }
  void operator()(char& flag);
  /// A row or column whose numbers are contiguous.
  template <class Line>
  requires(std::remove_cvref_t<Line>::InnerStrideAtCompileTime == 1 &&
           std::remove_cvref_t<Line>::IsVectorAtCompileTime == 1) void
  operator()(Line&& values) {
    copy({values.data(), static_cast<std::size_t>(values.size())});
  }
  /// Square matrices, of which half of the entries travel: the others are 0, or those of the first half.
  void lower_triangle(Eigen::Ref<Matrix> matrix);
  void symmetric(Eigen::Ref<Matrix> matrix);

  /// Numbers copied or counted so far.
  std::size_t size() const { return size_; }

 private:
  void copy(std::span<double> values);
  void copy_columns_of_lower(Eigen::Ref<Matrix> matrix);

  Way way_;
  std::span<double> numbers_;
  std::size_t size_ = 0;
};

}  // namespace jensen
