#pragma once
// Bytes as base64 with padding (RFC 4648, 4), for bodies of JSON. Pure functions.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace klasboek::api {

std::string base64_of(std::span<const std::uint8_t> bytes);
std::string base64_of(std::string_view bytes);
/// Line ends within are taken; nullopt where anything else isn't base64.
std::optional<std::string> bytes_of_base64(std::string_view text);

}  // namespace klasboek::api
