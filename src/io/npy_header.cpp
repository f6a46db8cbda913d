#include "npy_header.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <charconv>
#include <optional>
#include <vector>

#include "jensen/core/error.hpp"

namespace jensen::io {
namespace {

/// The fields as written.
struct Fields {
  std::optional<std::string> type;
  bool structured = false;
  std::optional<bool> fortran_order;
  std::optional<std::vector<Index>> shape;
};

/// Reads the few Python literals that headers consist of.
class Literals {
 public:
  Literals(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Fields read_fields() {
    Fields fields;
    expect('{');
    while (!take('}')) {
      const std::string key = read_text();
      expect(':');
      if (key == "descr" && next() == '[') {
        fields.structured = true;
        return fields;  // whatever follows cannot be used
      }
      if (key == "descr") {
        fields.type = read_text();
      } else if (key == "fortran_order") {
        fields.fortran_order = read_truth();
      } else if (key == "shape") {
        fields.shape = read_tuple();
      } else {
        refuse(fmt::format("an entry '{}'", key));
      }
      if (!take(',') && next() != '}') refuse("no comma between entries");
    }
    if (next() != '\0') refuse("text behind its dictionary");
    return fields;
  }

 private:
  char next() {
    const std::size_t place = text_.find_first_not_of(" \t\n");
    text_.remove_prefix(std::min(place, text_.size()));
    return text_.empty() ? '\0' : text_.front();
  }
  bool take(char wanted) {
    if (next() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) refuse(fmt::format("no '{}' where one must be", wanted));
  }

  std::string read_text() {
    const char quote = next();
    const std::size_t end = text_.find(quote, 1);
    if ((quote != '\'' && quote != '"') || end == std::string_view::npos)
      refuse("no text in quotes where one must be");
    const std::string text(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return text;
  }
  bool read_truth() {
    next();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return word == "True";
    }
    refuse("'fortran_order' neither True nor False");
  }
  std::vector<Index> read_tuple() {
    std::vector<Index> numbers;
    expect('(');
    while (!take(')')) {
      next();
      Index number = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
      if (error != std::errc() || number < 0) refuse("a shape that is no tuple of numbers below 2^63");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      take('L');  // Python 2
      numbers.push_back(number);
      if (!take(',') && next() != ')') refuse("no comma between the numbers of its shape");
    }
    return numbers;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw InputError(fmt::format(
        "the header of '{}' has {} (must be as numpy.save writes it); save the array again", file_, what));
  }

  std::string_view text_;
  const std::string& file_;
};

std::string name_of_type(char kind, std::int64_t bytes) {
  switch (kind) {
    case 'f':
      return fmt::format("float{}", 8 * bytes);
    case 'c':
      return fmt::format("complex{}", 8 * bytes);
    case 'O':
      return "Python objects";
    case 'S':
    case 'a':
      return "byte strings";
    case 'U':
      return "text";
    case 'M':
      return "datetime64";
    case 'm':
      return "timedelta64";
    case 'V':
      return "raw bytes";
    default:
      return "an unknown type";
  }
}

[[noreturn]] void refuse_type(const std::string& name, const std::string& remedy, const std::string& file) {
  throw InputError(
      fmt::format("'{}' holds {} (must be float32, float64, integers or booleans); {}", file, name, remedy));
}

void read_type(const std::string& type, const std::string& file, NpyHeader& header) {
  std::string_view rest = type;
  char order = '=';
  if (!rest.empty() && std::string_view("<>|=").find(rest.front()) != std::string_view::npos) {
    order = rest.front();
    rest.remove_prefix(1);
  }
  header.kind = rest.empty() ? '?' : rest.front();
  if (!rest.empty()) rest.remove_prefix(1);
  header.bytes = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), header.bytes);
  const bool number = error == std::errc() && end == rest.data() + rest.size();
  const int b = header.bytes;
  const bool integer = header.kind == 'i' || header.kind == 'u';
  const bool usable = (header.kind == 'f' && (b == 4 || b == 8)) ||
                      (integer && (b == 1 || b == 2 || b == 4 || b == 8)) || (header.kind == 'b' && b == 1);
  if (!number || !usable || (order == '|' && b > 1)) {
    refuse_type(fmt::format("{} ('{}')", name_of_type(header.kind, b), type),
                "convert it, as with array.astype('f8')", file);
  }
  const char native = std::endian::native == std::endian::little ? '<' : '>';
  header.swapped = b > 1 && order != '=' && order != native;
}

void read_shape(const std::vector<Index>& shape, const std::string& file, NpyHeader& header) {
  const std::string text = fmt::format("'{}' has shape ({})", file, fmt::join(shape, ", "));
  if (shape.empty() || shape.size() > 2) {
    throw InputError(text + " (must have two dimensions, records x features, or one); reshape it");
  }
  header.records = shape[0];
  header.features = shape.size() == 2 ? shape[1] : 1;
  if (header.records == 0 || header.features == 0) {
    throw InputError(text + " (must have at least one record and one feature)");
  }
  Index count = 0;
  if (__builtin_mul_overflow(header.records, header.features, &count) ||
      __builtin_mul_overflow(count, Index{header.bytes}, &count)) {
    throw InputError(text + ", more than any file can hold; save the array again");
  }
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& file) {
  const Fields fields = Literals(text, file).read_fields();
  if (fields.structured)
    refuse_type("records of several fields, a structured type",
                "make them columns, as with numpy.lib.recfunctions.structured_to_unstructured(array)", file);
  if (!fields.type || !fields.fortran_order || !fields.shape) {
    throw InputError(
        fmt::format("the header of '{}' lacks 'descr', 'fortran_order' or 'shape' (must have all three); "
                    "save the array again",
                    file));
  }
  NpyHeader header;
  header.by_columns = *fields.fortran_order;
  read_type(*fields.type, file, header);
  read_shape(*fields.shape, file, header);
  return header;
}

}  // namespace jensen::io
