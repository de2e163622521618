#include "server/surfaces/anthropic/messages/places.h"

#include <gtest/gtest.h>

namespace caprock::server::anthropic {
namespace {

const Places kPlaces{
    .messages = {{"messages.0.content.0", "messages.0.content.0.cache_control", "messages.1.content.0"}},
    .system = {"system"},
    .tools = {"tools.0", "tools.0.cache_control", "tools.1"}};

TEST(Places, Paths_AreThoseOfTheClient) {
  EXPECT_EQ(kPlaces.of("messages[0].content[2].document.citations"), "messages.1.content.0.citations");
  EXPECT_EQ(kPlaces.of("messages[0].content[1].cachePoint"), "messages.0.content.0.cache_control");
  EXPECT_EQ(kPlaces.of("messages[0].content[0].toolResult.content[3]"), "messages.0.content.0.content.3");
  EXPECT_EQ(kPlaces.of("system[0].text"), "system");
  EXPECT_EQ(kPlaces.of("toolConfig.tools[2].type"), "tools.1.type");
  EXPECT_EQ(kPlaces.of("toolConfig.toolChoice"), "tool_choice");
  EXPECT_EQ(kPlaces.of("thinking.budget_tokens"), "thinking.budget_tokens");
}

TEST(Places, PathThatIsNoBlock_StaysReadable) {
  EXPECT_EQ(kPlaces.of("messages[7].content[0]"), "messages.7.content.0");
  EXPECT_EQ(kPlaces.of("messages[x].content[0]"), "messages.x.content.0");
  EXPECT_EQ(kPlaces.of("messages[0"), "messages.0");
  EXPECT_EQ(kPlaces.of("messages"), "messages");
}

TEST(Places, Message_NamesTheSamePlaceAsTheField) {
  const auto error = kPlaces.restate(base::invalid_argument("messages[0].content[1].cachePoint",
                                                            "leave messages[0].content[1].cachePoint out"));
  EXPECT_EQ(error.field, "messages.0.content.0.cache_control");
  EXPECT_EQ(error.message, "leave messages.0.content.0.cache_control out");
}

}  // namespace
}  // namespace caprock::server::anthropic
