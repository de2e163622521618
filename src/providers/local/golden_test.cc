#include "providers/local/golden.h"

#include <gtest/gtest.h>

#include <fstream>

namespace caprock::providers {
namespace {

base::Result<std::vector<GoldenVector>> parsed(const std::string& text) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "caprock_golden_test";
  std::ofstream(file) << text;
  return read_golden(file);
}

TEST(ReadGolden, Line_GivesTextAndVector) {
  const auto golden = parsed("q\ta text\t7fff00008001\n");
  ASSERT_TRUE(golden.has_value());
  EXPECT_EQ(golden->at(0).text, "a text");
  EXPECT_EQ(golden->at(0).purpose, llm::EmbedPurpose::kQuery);
  EXPECT_EQ(golden->at(0).vector, (std::vector<float>{1, 0, -1}));
}

TEST(ReadGolden, MalformedLine_IsRefused) {
  for (const char* line : {"", "q", "x\ttext\t7fff", "q\ttext", "q\ttext\t7ff", "q\ttext\tzzzz", "q\ttext\t"})
    EXPECT_FALSE(parsed(std::string(line) + "\n").has_value()) << line;
}

TEST(Cosine, ZeroVector_IsZero) { EXPECT_EQ(cosine(std::vector<float>{0, 0}, std::vector<float>{1, 0}), 0); }

}  // namespace
}  // namespace caprock::providers
