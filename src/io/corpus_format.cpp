#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <memory>
#include <sstream>
#include <vector>

#include "jensen/io/corpus.hpp"
#include "jensen/io/import_corpus.hpp"
#include "numeric_dataset.hpp"

namespace jensen::io {
namespace {

constexpr std::array<const char*, 6> kNames = {"lda-c", "uci", "svmlight", "matrix-market", "text", "hdf5"};

std::optional<CorpusFormat> format_by_name(std::filesystem::path file) {
  if (file.extension() == ".gz") file.replace_extension();
  const std::string extension = file.extension().string();
  if (extension == ".mtx") return CorpusFormat::matrix_market;
  if (extension == ".svmlight" || extension == ".libsvm" || extension == ".svm")
    return CorpusFormat::svmlight;
  if (extension == ".ldac") return CorpusFormat::lda_c;
  if (file.filename().string().starts_with("docword.")) return CorpusFormat::uci;
  return std::nullopt;
}

/// The fields of the first lines that are not blank, from the first 64 KiB of a file, which may be
/// compressed.
std::vector<std::vector<std::string>> first_lines(const std::filesystem::path& file) {
  constexpr std::size_t kBytes = std::size_t{64} << 10, kLines = 20;
  std::string start(kBytes, '\0');
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(::gzopen(file.c_str(), "rbe"), ::gzclose_r);
  const int got = stream ? ::gzread(stream.get(), start.data(), static_cast<unsigned>(kBytes)) : 0;
  start.resize(static_cast<std::size_t>(std::max(got, 0)));
  if (start.size() == kBytes) start.resize(start.rfind('\n') + 1);  // a line that is cut off tells nothing
  std::vector<std::vector<std::string>> lines;
  std::istringstream text(start);
  for (std::string line; lines.size() < kLines && std::getline(text, line);) {
    std::istringstream words(line);
    lines.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
    if (lines.back().empty()) lines.pop_back();
  }
  return lines;
}

template <class T>
std::optional<T> number_of(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_pair(const std::string& field) {
  const std::size_t colon = field.find(':');
  return colon != std::string::npos && number_of<std::int64_t>(std::string_view(field).substr(0, colon)) &&
         number_of<double>(std::string_view(field).substr(colon + 1));
}

/// A number, and pairs behind it.
bool has_pairs(const std::vector<std::string>& line) {
  return number_of<double>(line.front()) && std::all_of(line.begin() + 1, line.end(), is_pair);
}

bool says_how_many(const std::vector<std::string>& line) {
  return number_of<std::int64_t>(line.front()) == static_cast<std::int64_t>(line.size()) - 1;
}

bool are_integers(const std::vector<std::string>& line, std::size_t count) {
  return line.size() == count && std::all_of(line.begin(), line.end(),
                                             [](const auto& text) { return number_of<std::int64_t>(text); });
}

std::optional<CorpusFormat> format_by_content(const std::filesystem::path& file) {
  const auto lines = first_lines(file);
  if (lines.empty()) return std::nullopt;
  if (lines.front().front() == "%%MatrixMarket") return CorpusFormat::matrix_market;
  const bool pairs =
      std::all_of(lines.begin(), lines.end(), has_pairs) &&
      std::any_of(lines.begin(), lines.end(), [](const auto& line) { return line.size() > 1; });
  if (pairs)
    return std::all_of(lines.begin(), lines.end(), says_how_many) ? CorpusFormat::lda_c
                                                                  : CorpusFormat::svmlight;
  if (lines.size() > 3 && are_integers(lines[0], 1) && are_integers(lines[1], 1) &&
      are_integers(lines[2], 1) && are_integers(lines[3], 3))
    return CorpusFormat::uci;
  return std::nullopt;
}

}  // namespace

std::string format_name(CorpusFormat format) {
  return kNames[static_cast<std::size_t>(format)];
}

std::optional<CorpusFormat> format_of(const std::string& name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<CorpusFormat>(found - kNames.begin());
}

std::optional<CorpusFormat> find_corpus_format(const std::filesystem::path& input) {
  std::error_code ignored;
  if (std::filesystem::is_directory(input, ignored)) return CorpusFormat::text;
  if (const auto named = format_by_name(input)) return named;
  if (holds_corpus(DatasetName::parse(input.string()).file)) return CorpusFormat::hdf5;
  if (!std::filesystem::is_regular_file(input, ignored))
    return std::nullopt;  // a pipe could be read only once
  return format_by_content(input);
}

}  // namespace jensen::io
