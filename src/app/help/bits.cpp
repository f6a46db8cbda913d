#include "topics.hpp"

namespace jensen::app::help {

Page bits_page() {
  return Page()
      .paragraph(
          "The same input, options and build on the same type of CPU give the same parameters, objective and "
          "labels to the last bit.")
      .heading("what does not matter")
      .rows({
          {"the number of ranks", "1, 2, 3 or any other, on one machine or many"},
          {"stops and kills", "a run that goes on from a checkpoint, on other ranks too"},
          {"run control",
           "options such as --checkpoint-interval, --progress and --log; 'jensen help checkpoints' lists "
           "them; the tolerances and --max-iterations do say where a fit ends"},
      })
      .heading("what does")
      .rows({
          {"--seed", "of everything random; records and starts are drawn by number, not by rank"},
          {"--block-rows", "the unit of summation; 0 chooses it from N alone"},
          {"the order of records", "blocks are made of neighbours; sums of other blocks round differently"},
          {"build and CPU type",
           "another compiler, other flags or another type of CPU may round differently"},
      })
      .paragraph("Times and the number of ranks, which a model file records, are not part of the promise.");
}

}  // namespace jensen::app::help
