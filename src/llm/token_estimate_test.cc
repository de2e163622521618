#include "llm/token_estimate.h"

#include <gtest/gtest.h>

namespace caprock::llm {
namespace {

TEST(TokenEstimate, Text_CountsWordsDigitsAndSigns) {
  EXPECT_EQ(estimate_tokens(""), 0);
  EXPECT_EQ(estimate_tokens("The engine lost power."), 5);
  EXPECT_EQ(estimate_tokens("internationalisation"), 4);
  EXPECT_EQ(estimate_tokens("1234567"), 4);
  EXPECT_EQ(estimate_tokens("你好"), 2);
  EXPECT_EQ(estimate_tokens("привет"), 3);
  EXPECT_GE(estimate_tokens("\xff\xfe"), 1);  // bytes that are no text are counted too
}

TEST(TokenEstimate, Request_CountsEverythingThatIsSent) {
  ChatRequest request;
  request.model = "a model is not sent";
  request.messages.push_back(text_message(Role::kUser, "Hello there"));
  const std::int64_t words = estimate_tokens(request);
  EXPECT_EQ(words, 2 + 4);
  request.system.emplace_back(TextBlock{"Be brief."});
  request.tools.emplace_back(ToolSpec{"time", "Tells the time.", R"({"type":"object"})"});
  request.messages.push_back({.role = Role::kUser, .content = {ImageBlock{.format = "png", .source = {}}}});
  EXPECT_GT(estimate_tokens(request), words + 1'600);
}

TEST(TokenEstimate, CachePoint_CostsNothing) {
  ChatRequest request;
  request.system.emplace_back(CachePointBlock{});
  request.tools.emplace_back(CachePointBlock{});
  EXPECT_EQ(estimate_tokens(request), 0);
}

}  // namespace
}  // namespace caprock::llm
