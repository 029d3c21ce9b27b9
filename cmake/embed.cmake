# Writes INPUT as a C++ array of bytes, with its SHA-256, to OUTPUT.
file(READ ${INPUT} bytes HEX)
file(SHA256 ${INPUT} hash)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hash "${hash}")
file(WRITE ${OUTPUT}
"#pragma once
namespace klasboek::events::schema {
inline constexpr unsigned char kEnvelopeBfbs[] = {${bytes}};
inline constexpr unsigned char kEnvelopeHash[32] = {${hash}};
}
")
