#pragma once
#include <cstdint>

namespace klasboek::api {

/// Of an upload of roster files. As base64 within JSON: about 17 MiB of files, which is a school of
/// more than 10,000 pupils.
inline constexpr std::uint64_t kRosterUploadBytesMax = 24ULL * 1024 * 1024;

}  // namespace klasboek::api
