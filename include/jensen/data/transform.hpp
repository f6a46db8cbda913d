#pragma once

#include "jensen/core/document.hpp"
#include "jensen/core/types.hpp"

namespace jensen {

/// Internal coordinates z = (x - shift) * scale of a fit, per feature.
///
/// The shift takes the common offset out, so that second moments do not cancel; scales of a fit are powers of
/// two, so that they cost no bit.
struct Transform {
  Vector shift = {};  // D, in the data's units
  Vector scale = {};  // D, positive

  static Transform identity(Index features) { return {Vector::Zero(features), Vector::Ones(features)}; }

  Index features() const { return shift.size(); }

  /// K x D positions, to and from internal coordinates.
  RowMatrix to_internal(const RowMatrix& positions) const {
    return ((positions.rowwise() - shift.transpose()).array().rowwise() * scale.transpose().array()).matrix();
  }
  RowMatrix to_original(const RowMatrix& positions) const {
    return (positions.array().rowwise() / scale.transpose().array()).matrix().rowwise() + shift.transpose();
  }

  /// ln of the volume that one unit of internal volume has in the data's units, with the sign that
  /// log p(x) = log p(z) + log_scale().
  double log_scale() const { return scale.array().log().sum(); }
};

/// The transform of a model file: arrays "/preprocess/shift" and "/preprocess/scale".
inline void store_transform(const Transform& transform, Document& document) {
  document.set("/preprocess/shift", transform.shift);
  document.set("/preprocess/scale", transform.scale);
}

}  // namespace jensen
