#include "topics.hpp"

namespace jensen::app::help {

Page starts_page() {
  return Page()
      .paragraph(
          "--start says where a fit begins. It is made --restarts times, from different random numbers, and "
          "the best fit is kept; all of them follow from one --seed. A start that is read from a file is "
          "always the same, and is fitted once.")
      .heading("starts")
      .rows({
          {"kmeans",
           "a whole k-means fit from k-means++ seeds, features scaled to unit variance; for kmeans the seeds "
           "alone"},
          {"kmeans++", "K records, each drawn by its squared distance to those before it"},
          {"kmeans-parallel", "k-means||: the same aim in a few passes over the data; for many components"},
          {"random", "K records, all equally likely"},
          {"responsibilities", "random responsibilities of each record"},
          {"responsibilities:FILE:/d",
           "those of data set /d, N x K: what 'predict --responsibilities' writes"},
          {"labels:FILE:/d",
           "the components of data set /d, one integer for each record: what 'predict' writes; the distinct "
           "labels, in rising order, become components 0 to K-1"},
          {"model:FILE",
           "the parameters of a model file or checkpoint; centroids can start a mixture, and means k-means"},
      })
      .paragraph(
          "Of kmeans++, kmeans-parallel, random and the centroids of a file, a mixture takes the nearest "
          "seed of each record as its component and makes one M-step.")
      .heading("starts of topics, from documents")
      .rows({
          {"random", "each number of each topic drawn between 1/2 and 3/2"},
          {"documents", "each topic is one random document"},
          {"labels:FILE:/d", "each topic is all documents of a label"},
          {"model:FILE", "the topics of a model file or checkpoint, of the same words"},
      })
      .heading("starts of advi")
      .rows({
          {"laplace", "the normal with the posterior's mode and curvature; where there is none, the centre"},
          {"centre", "a narrow normal around a central value of each parameter"},
          {"model:FILE", "q of a model file or checkpoint of the same target"},
      });
}

}  // namespace jensen::app::help
