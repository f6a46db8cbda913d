#include "topics.hpp"

namespace jensen::app::help {

Page corpora_page() {
  return Page()
      .paragraph(
          "A corpus is documents x words, as counts: a group of an HDF5 file with a sparse matrix by rows "
          "(CSR), "
          "named as FILE.h5, if it is the only one in the file, or FILE.h5:/group. Documents and words count "
          "from 0.")
      .heading("the group, /corpus where 'jensen import' made it")
      .rows({
          {"indptr", "documents + 1 integers: where a document's entries begin, from 0, and the end"},
          {"indices", "integers: the words of a document, each once"},
          {"data",
           "how often the word occurs: positive whole numbers, of any type; with --fractional-counts "
           "others too"},
          {"shape", "the numbers of documents and words; an attribute too, as AnnData has it at /X"},
          {"vocabulary", "the words, as texts; optional"},
      })
      .heading("what 'jensen import' makes a corpus of, found by its name or first lines")
      .rows({
          {"lda-c", "a document a line: 'M word:count ...', M pairs; words count from 0"},
          {"uci",
           "docword.*.txt: three lines with the numbers of documents, words and entries, then 'document "
           "word count', counted from 1"},
          {"svmlight",
           "a document a line: 'label word:count ...'; words count from 0 if word 0 occurs or with "
           "--zero-based, else from 1"},
          {"matrix-market", "*.mtx: coordinate, integer, real or pattern, general; rows are documents"},
          {"text",
           "a folder: its *.txt files are documents, in the order of their paths. Or, with --format "
           "text, a file: its lines are documents"},
          {"hdf5", "a group as above, whose words may be there more than once"},
      })
      .paragraph(
          "Files of the first five may be compressed with gzip. Words of a document are sorted (those of "
          "lda-c stay in their order, which 'fit lda --document-step sequential' follows), their repetitions "
          "added up, and counts of 0 dropped. Empty documents stay.")
      .paragraph(
          "Words of text, in UTF-8, are runs of letters in lower case; digits and all other signs part them. "
          "--vocabulary FILE gives words their names; of text it keeps these words alone, numbered as there, "
          "so "
          "that new documents go with a model: jensen import new/ --vocabulary corpus.h5 -o new.h5.");
}

}  // namespace jensen::app::help
