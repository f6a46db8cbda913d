#include "jensen/data/partition.hpp"

namespace jensen {

Index default_block_rows(Index records) {
  constexpr Index kRows = 2048, kWantedBlocks = 256, kMultiple = 8;
  const Index fine = records / kWantedBlocks / kMultiple * kMultiple;
  const Index least = (records + kMostBlocks - 1) / kMostBlocks;
  const Index rows = std::max(std::clamp(fine, kMultiple, kRows), least);
  return (rows + kMultiple - 1) / kMultiple * kMultiple;
}

Index chosen_block_rows(Index asked, Index records) {
  return asked > 0 ? std::min(asked, std::max<Index>(records, 1)) : default_block_rows(records);
}

int Partition::owner_of_record(Index record) const {
  const Index block = record / block_rows;
  int low = 0, high = size - 1;
  while (low < high) {  // the last rank whose first block is not beyond
    const int middle = (low + high + 1) / 2;
    if (first_block_of(middle) <= block) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace jensen
