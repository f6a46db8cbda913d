#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>

namespace jensen::io {

using Sha256 = std::array<std::byte, 32>;

inline Sha256 sha256(std::span<const std::byte> bytes) {
  Sha256 digest = {};
  auto* out = reinterpret_cast<unsigned char*>(digest.data());
  if (EVP_Digest(bytes.data(), bytes.size(), out, nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute SHA-256");
  }
  return digest;
}

}  // namespace jensen::io
