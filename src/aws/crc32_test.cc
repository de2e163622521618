#include "aws/crc32.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace caprock::aws {
namespace {

/// The definition, bit by bit.
std::uint32_t by_bits(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

TEST(Crc32, CheckValueOfTheCatalogue_Holds) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(crc32(""), 0U);
}

TEST(Crc32, EveryLengthAndAlignment_AgreesWithTheDefinition) {
  std::mt19937 random(1);
  std::string text(600, '\0');
  for (char& c : text) c = static_cast<char>(random());
  for (std::size_t size = 0; size <= 520; ++size) {
    const std::string_view piece(text.data() + size % 17, size);
    ASSERT_EQ(crc32(piece), by_bits(piece)) << size;
    ASSERT_EQ(crc32_by_tables(piece), by_bits(piece)) << size;
  }
}

TEST(Crc32, InPieces_IsTheSame) {
  const std::string text(300, 'q');
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    ASSERT_EQ(crc32(text.substr(cut), crc32(text.substr(0, cut))), by_bits(text)) << cut;
}

}  // namespace
}  // namespace caprock::aws
