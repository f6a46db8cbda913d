#include "jensen/models/lda/lda.hpp"

namespace jensen::lda {

void LatentDirichletAllocation::save(Document& document) const {
  const bool points = settings_.kind == TopicKind::point;
  document.set_attribute("/", "model", std::string("lda"));
  document.set_attribute("/fit", "components", topics());
  document.set_attribute("/parameters", "topics", std::string(points ? "point" : "dirichlet"));
  document.set("/parameters/topics", RowMatrix(topic_means().transpose()));
  if (!points) {
    document.set("/parameters/topics_dirichlet", RowMatrix(topic_word_.transpose()));
    document.set("/parameters/eta", eta_);
  }
  document.set("/parameters/alpha", alpha_);
  document.set("/parameters/sizes", sizes_);
}

}  // namespace jensen::lda
