#include "corpus_reader.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "import_csv_number.hpp"
#include "jensen/core/error.hpp"

namespace jensen::io {
namespace {

constexpr double kExactLimit = 9007199254740992;  // 2^53

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 40;
  return text.size() <= kMost ? std::string(text) : std::string(text.substr(0, kMost)) + "...";
}

void require_room(Index documents, const std::filesystem::path& input) {
  if (documents < CorpusBuilder::kMost) return;
  throw InputError(fmt::format("'{}' has more than {} documents; import it in parts", input.string(),
                               CorpusBuilder::kMost - 1));
}

std::int64_t bytes_of(const std::filesystem::path& file) {
  std::error_code unknown;
  const auto bytes = std::filesystem::file_size(file, unknown);
  return unknown ? 0 : static_cast<std::int64_t>(bytes);
}

std::string_view Fields::next() {
  std::size_t begin = 0;
  while (begin < rest_.size() && is_blank(rest_[begin])) ++begin;
  std::size_t end = begin;
  while (end < rest_.size() && !is_blank(rest_[end])) ++end;
  const std::string_view field = rest_.substr(begin, end - begin);
  rest_.remove_prefix(end);
  return field;
}

Fields::Pair Fields::pair_of(std::string_view field) const {
  const std::size_t colon = field.find(':');
  if (colon == std::string_view::npos) {
    throw InputError(
        fmt::format("{} has '{}' (must be WORD:COUNT, such as 17:2)", lines_.place(), shortened(field)));
  }
  return {field.substr(0, colon), field.substr(colon + 1)};
}

std::int64_t Fields::integer(std::string_view text, std::int64_t least, std::int64_t most,
                             const char* what) const {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value >= least && value <= most)
    return value;
  throw InputError(fmt::format("{} has '{}' as {} (must be an integer from {} to {})", lines_.place(),
                               shortened(text), what, least, most));
}

double Fields::count(std::string_view text, bool fractional) const {
  double value = 0;
  if (csv::read_cell(text, value) != csv::CellKind::number || value < 0 || value >= kExactLimit) {
    throw InputError(
        fmt::format("{} has '{}' as a count (must be a number from 0 to less than 2^53); correct it",
                    lines_.place(), shortened(text)));
  }
  if (fractional || value == std::floor(value)) return value;
  throw InputError(
      fmt::format("{} has '{}' as a count (must be a whole number); --fractional-counts admits others",
                  lines_.place(), shortened(text)));
}

std::int64_t Fields::word(std::string_view text, std::int64_t first, Index vocabulary) const {
  const std::int64_t most = (vocabulary > 0 ? vocabulary : CorpusBuilder::kMost - 2) - 1 + first;
  return integer(text, first, most, "the number of a word");
}

void require_vocabulary(const CorpusDraft& draft, Index header, const std::filesystem::path& input,
                        const CorpusImportOptions& options) {
  if (draft.words.empty() || static_cast<Index>(draft.words.size()) == header) return;
  throw InputError(fmt::format("the vocabulary '{}' has {} words (must be {}, as '{}' says)",
                               options.vocabulary, draft.words.size(), header, input.string()));
}

}  // namespace jensen::io
