// Integers as the store's records hold them: big-endian, so that they sort as they count.
#pragma once

#include <cstdint>
#include <string>

namespace pgwraith::store {

// Both return the place behind. REQUIRES: room for 4 (8) bytes.
inline char* put_u32(char* to, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) *to++ = static_cast<char>(value >> (24 - 8 * i) & 0xff);
    return to;
}

inline char* put_u64(char* to, std::uint64_t value) {
    for (int i = 0; i < 8; ++i) *to++ = static_cast<char>(value >> (56 - 8 * i) & 0xff);
    return to;
}

inline void append_u32(std::string& out, std::uint32_t value) {
    char bytes[4];
    put_u32(bytes, value);
    out.append(bytes, sizeof bytes);
}

inline void append_u64(std::string& out, std::uint64_t value) {
    char bytes[8];
    put_u64(bytes, value);
    out.append(bytes, sizeof bytes);
}

// REQUIRES: 4 readable bytes.
inline std::uint32_t read_u32(const char* bytes) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
    return value;
}

// REQUIRES: 8 readable bytes.
inline std::uint64_t read_u64(const char* bytes) {
    return static_cast<std::uint64_t>(read_u32(bytes)) << 32 | read_u32(bytes + 4);
}

}  // namespace pgwraith::store
