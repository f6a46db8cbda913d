#include "page.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

namespace jensen::app::help {
namespace {

constexpr std::size_t kWidestTerm = 34, kFewest = 60, kMost = 100;

/// "a|b|c" in pieces that end with '|', no line longer than `width` where that can be.
std::vector<std::string> wrapped_term(const std::string& term, std::size_t width) {
  std::vector<std::string> lines(1);
  for (std::size_t begin = 0; begin < term.size();) {
    const std::size_t end = std::min(term.find('|', begin), term.size() - 1) + 1;
    const std::string piece = term.substr(begin, end - begin);
    if (!lines.back().empty() && lines.back().size() + piece.size() > width) lines.emplace_back("    ");
    lines.back() += piece;
    begin = end;
  }
  return lines;
}

/// Terms to the left, what they mean to the right of them or, where a term is long, below.
std::string terms_as_text(const std::vector<Row>& rows, std::size_t width) {
  std::size_t left = 0;
  for (const Row& row : rows) {
    if (row[0].size() <= std::min(kWidestTerm, 2 * width / 5)) left = std::max(left, row[0].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::vector<std::string> term = wrapped_term(row[0], width - 2);
    const bool beside = term.size() == 1 && term[0].size() <= left;
    if (!beside) {
      for (const std::string& line : term) text += fmt::format("  {}\n", line);
      term[0].clear();
    }
    for (const std::string& line : wrapped(row[1], width - left - 4)) {
      text += fmt::format("  {:<{}}  {}\n", term[0], left, line);
      term[0].clear();
    }
  }
  return text;
}

std::string table_as_text(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) line += fmt::format("  {:<{}}", row[c], widths[c]);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string indented(const std::string& lines) {
  std::istringstream stream(lines);
  std::string text;
  for (std::string line; std::getline(stream, line);) text += line.empty() ? "\n" : "    " + line + '\n';
  return text;
}

std::string to_text(const Block& block, std::size_t width) {
  switch (block.kind) {
    case Block::Kind::heading:
      return block.text + ":\n";
    case Block::Kind::usage:
      return "usage: jensen " + block.text + '\n';
    case Block::Kind::paragraph: {
      std::string text;
      for (const std::string& line : wrapped(block.text, width)) text += line + '\n';
      return text;
    }
    case Block::Kind::rows:
      return block.rows.front().size() == 2 ? terms_as_text(block.rows, width) : table_as_text(block.rows);
    case Block::Kind::verbatim:
      return indented(block.text);
  }
  return {};
}

std::string roff_lines(const std::string& lines) {
  std::istringstream stream(lines);
  std::string text;
  for (std::string line; std::getline(stream, line);) text += roff_escaped(line) + '\n';
  return text;
}

std::string to_roff(const Block& block) {
  switch (block.kind) {
    case Block::Kind::heading:
      return ".SS " + roff_escaped(block.text) + '\n';
    case Block::Kind::usage:
      return ".B jensen " + roff_escaped(block.text) + '\n';
    case Block::Kind::paragraph:
      return ".PP\n" + roff_escaped(block.text) + '\n';
    case Block::Kind::rows: {
      if (block.rows.front().size() != 2)
        return ".PP\n.nf\n" + roff_lines(table_as_text(block.rows)) + ".fi\n";
      std::string text;
      for (const Row& row : block.rows)
        text += fmt::format(".TP\n.B {}\n{}\n", roff_escaped(row[0]), roff_escaped(row[1]));
      return text;
    }
    case Block::Kind::verbatim:
      return ".PP\n.RS 4\n.nf\n" + roff_lines(block.text) + ".fi\n.RE\n";
  }
  return {};
}

}  // namespace

std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

std::string to_text(const Page& page, std::size_t width) {
  std::string text;
  auto before = Block::Kind::heading;
  for (const Block& block : page.blocks()) {
    const bool joined =
        before == Block::Kind::heading || (before == Block::Kind::usage && block.kind == Block::Kind::usage);
    if (!text.empty() && !joined) text += '\n';
    text += to_text(block, width);
    before = block.kind;
  }
  return text;
}

std::string to_roff(const Page& page) {
  std::string text;
  auto before = Block::Kind::heading;
  for (const Block& block : page.blocks()) {
    const bool joined = before == Block::Kind::usage && block.kind == Block::Kind::usage;
    text += (joined ? ".br\n" : block.kind == Block::Kind::usage ? ".PP\n" : "") + to_roff(block);
    before = block.kind;
  }
  return text;
}

std::string roff_escaped(const std::string& text) {
  std::string escaped;
  if (text.starts_with('.') || text.starts_with('\'')) escaped = "\\&";
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else if (c == '\'') {
      escaped += "\\(aq";
    } else if (c == '|') {
      escaped += "|\\:";  // a line may be broken here
    } else if (c == '"') {
      escaped += "\\(dq";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::size_t page_width() {
  winsize size = {};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return kMost;
  if (size.ws_col == 0) return kMost;  // what mpirun gives its children
  return std::clamp<std::size_t>(size.ws_col, kFewest, kMost);
}

}  // namespace jensen::app::help
