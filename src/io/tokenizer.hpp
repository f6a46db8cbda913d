#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jensen/core/types.hpp"

namespace jensen::io {

/// Splits text in UTF-8 into words: runs of letters, in lower case. All that is no letter parts words:
/// blanks, digits, punctuation, symbols, and bytes that are not UTF-8, which are counted. Accents that are
/// characters of their own are letters; composed and decomposed forms are not made one.
class Tokenizer {
 public:
  /// `minimum_length`: shorter words are left out, in letters.
  explicit Tokenizer(Index minimum_length) : minimum_length_(minimum_length) {}

  /// Calls `visit(word)` for each word; the word is valid during the call.
  template <class Visit>
  void split(std::string_view text, Visit visit) {
    for (std::size_t at = 0; at < text.size();) {
      if (take(text, at)) continue;
      end_word(visit);
    }
    end_word(visit);
  }

  std::int64_t broken_bytes() const { return broken_bytes_; }

 private:
  /// Moves over a character; whether it is a letter, which is added to the word.
  bool take(std::string_view text, std::size_t& at);

  template <class Visit>
  void end_word(Visit& visit) {
    if (letters_ >= minimum_length_ && letters_ > 0) visit(std::string_view(word_));
    word_.clear();
    letters_ = 0;
  }

  Index minimum_length_;
  std::string word_;
  Index letters_ = 0;  // of the word at hand
  std::int64_t broken_bytes_ = 0;
};

/// The lower-case letter of a character of Latin, Greek, Cyrillic or Armenian; any other character itself.
char32_t lower_case(char32_t c);

/// Whether the character, above ASCII, is taken for a letter: it is in no block of punctuation, symbols, or
/// private characters.
bool is_letter(char32_t c);

}  // namespace jensen::io
