#pragma once

#include "corpus_data.hpp"
#include "dense_data.hpp"
#include "jensen/data/block.hpp"
#include "jensen/data/count_block.hpp"
#include "jensen/data/response_block.hpp"
#include "response_data.hpp"

namespace jensen::app {

/// The kind of data that a model is fitted to is that of its blocks.
template <class Block>
struct DataOfBlock;
template <>
struct DataOfBlock<DenseBlock> {
  using Type = DenseData;
};

template <>
struct DataOfBlock<CountBlock> {
  using Type = CorpusData;
};

template <>
struct DataOfBlock<ResponseBlock> {
  using Type = ResponseData;
};

template <class Method>
using DataOf = typename DataOfBlock<typename Method::Model::Block>::Type;

}  // namespace jensen::app
