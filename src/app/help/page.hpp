#pragma once

#include <string>
#include <utility>
#include <vector>

namespace jensen::app::help {

/// Cells of a table; with two cells: a term, and what it means.
using Row = std::vector<std::string>;

/// A piece of a page.
struct Block {
  enum class Kind { heading, usage, paragraph, rows, verbatim };

  Kind kind;
  std::string text = {};
  std::vector<Row> rows = {};
};

/// A text for people, to be shown on a terminal or as a part of the man page.
class Page {
 public:
  Page& add(Block block) {
    blocks_.push_back(std::move(block));
    return *this;
  }

  Page& heading(std::string text) { return add({Block::Kind::heading, std::move(text)}); }
  /// A command line, without "jensen".
  Page& usage(std::string text) { return add({Block::Kind::usage, std::move(text)}); }
  Page& paragraph(std::string text) { return add({Block::Kind::paragraph, std::move(text)}); }
  Page& rows(std::vector<Row> rows) { return add({Block::Kind::rows, {}, std::move(rows)}); }
  /// Lines that stay as they are.
  Page& verbatim(std::string lines) { return add({Block::Kind::verbatim, std::move(lines)}); }
  Page& append(const Page& page) {
    blocks_.insert(blocks_.end(), page.blocks_.begin(), page.blocks_.end());
    return *this;
  }

  const std::vector<Block>& blocks() const { return blocks_; }

 private:
  std::vector<Block> blocks_;
};

/// Words in lines of at most `width` characters; a word that is longer has a line of its own.
std::vector<std::string> wrapped(const std::string& text, std::size_t width);

/// For a terminal of `width` columns.
std::string to_text(const Page& page, std::size_t width);

/// For man(7), as a part of a section.
std::string to_roff(const Page& page);

/// Text with what means something to roff escaped.
std::string roff_escaped(const std::string& text);

/// Columns of the terminal that standard output is, 60 to 100; 100 where it is none.
std::size_t page_width();

}  // namespace jensen::app::help
