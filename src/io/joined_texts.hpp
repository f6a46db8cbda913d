#pragma once

#include <string>
#include <vector>

namespace jensen::io {

/// Texts as one that can be broadcast. HDF5 strings end at a zero byte, so that it can separate them.
inline std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + '\0';
  return all;
}

/// The texts of `joined`.
inline std::vector<std::string> separated(const std::string& all) {
  std::vector<std::string> texts;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = all.find('\0', begin);
    texts.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return texts;
}

}  // namespace jensen::io
