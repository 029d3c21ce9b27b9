#pragma once
// How large a request may be where roster files are uploaded, for the door.
#include <cstdint>
#include <string>
#include <vector>

#include "api/http_message.h"

namespace klasboek::api {

/// As base64 within JSON: about 17 MiB of files, which is a school of more than 10,000 pupils.
inline constexpr std::uint64_t kRosterUploadBytesMax = 24ULL * 1024 * 1024;

/// The maximum of a body with this method and path; `otherwise` where no roster files come.
std::uint64_t body_bytes_max_of(Method method, const std::vector<std::string>& segments,
                                std::uint64_t otherwise);

}  // namespace klasboek::api
