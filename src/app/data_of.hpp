#pragma once

#include "dense_data.hpp"
#include "jensen/data/block.hpp"

namespace jensen::app {

/// The kind of data that a model is fitted to is that of its blocks.
template <class Block>
struct DataOfBlock;
template <>
struct DataOfBlock<DenseBlock> {
  using Type = DenseData;
};

template <class Method>
using DataOf = typename DataOfBlock<typename Method::Model::Block>::Type;

}  // namespace jensen::app
