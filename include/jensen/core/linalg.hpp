#pragma once

namespace jensen {

/// Fixes how matrix products are cut into panels. Eigen otherwise asks the processor for its cache sizes, and
/// the order of its sums would follow the answer. Called before any block is prepared; cheap to repeat.
void pin_matrix_products();

}  // namespace jensen
