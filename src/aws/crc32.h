#pragma once

#include <cstdint>
#include <string_view>

namespace caprock::aws {

/// CRC-32 of zlib, gzip and event streams (reflected polynomial 0xEDB88320; not CRC-32C, which is what the
/// processor's own instruction computes). `before` is the CRC of the bytes in front of these. Any thread.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

/// The same without carry-less multiplication: for processors that have none, and for tests.
std::uint32_t crc32_by_tables(std::string_view bytes, std::uint32_t before = 0);

}  // namespace caprock::aws
