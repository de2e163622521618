#include "gateway/routing.h"

#include <gtest/gtest.h>

#include "gateway/plan.h"

namespace caprock::gateway {
namespace {

using Names = std::vector<std::string>;

std::string trouble(const RoutingSettings& routing, const FallbackSettings& fallback = {}) {
  const auto made = Routes::make(routing, fallback);
  return made ? "" : made.error().field + ": " + made.error().message;
}

TEST(Routes, NameThatIsNoAlias_IsAModel) {
  const auto routes = Routes::make({}, {});
  ASSERT_TRUE(routes);
  EXPECT_EQ(routes->of("nova"), (Names{"nova"}));
}

TEST(Routes, Alias_IsItsModelsInOrder_EachOnce) {
  const auto routes = Routes::make({.aliases = {"fast = nova | haiku", "any=fast,sonnet,nova"}}, {});
  ASSERT_TRUE(routes);
  EXPECT_EQ(routes->of("any"), (Names{"nova", "haiku", "sonnet"}));
  EXPECT_TRUE(routes->is_alias("fast"));
}

TEST(Routes, Fallbacks_ComeAfterTheModelAndItsChain) {
  FallbackSettings fallback;
  fallback.models = {"last"};
  fallback.chains = {"sonnet = haiku, fast"};
  const auto routes = Routes::make({.aliases = {"fast=nova,micro"}}, fallback);
  ASSERT_TRUE(routes);
  EXPECT_EQ(routes->of("sonnet"), (Names{"sonnet", "haiku", "nova", "micro", "last"}));
  EXPECT_EQ(routes->of("other"), (Names{"other", "last"}));
  EXPECT_EQ(routes->of("last"), (Names{"last"}));
}

TEST(Routes, Mistakes_NameTheSetting) {
  EXPECT_EQ(trouble({.aliases = {"a = b", "b = c", "c = a"}}),
            "routing.aliases: [routing] aliases: \"a\" leads back to itself");
  EXPECT_EQ(trouble({.aliases = {"a = a"}}),
            "routing.aliases: [routing] aliases: \"a\" leads back to itself");
  EXPECT_EQ(
      trouble({.aliases = {"a ="}}),
      "routing.aliases: [routing] aliases: \"a =\" leads to nothing: a model is missing after '=' or '|'");
  EXPECT_NE(trouble({.aliases = {"a = b |"}}), "");
  EXPECT_NE(trouble({.aliases = {"a"}}), "");
  EXPECT_NE(trouble({.aliases = {"= b"}}), "");
  EXPECT_EQ(trouble({.aliases = {"a=b", "a=c"}}),
            "routing.aliases: [routing] aliases: \"a=c\" stands here twice");
  FallbackSettings fallback;
  fallback.chains = {"m = m"};
  EXPECT_EQ(trouble({}, fallback), "fallback.chains: [fallback] chains: \"m\" falls back on itself");
  fallback.chains = {};
  fallback.models = {" "};
  EXPECT_EQ(trouble({}, fallback), "fallback.models: [fallback] models: \" \" is no model");
}

TEST(Routes, AliasesThatDoubleManyTimes_EndSoon) {
  RoutingSettings routing;
  for (int i = 0; i < 64; ++i)
    routing.aliases.push_back("a" + std::to_string(i) + " = a" + std::to_string(i + 1) + ", a" +
                              std::to_string(i + 1));
  const auto routes = Routes::make(routing, {});
  ASSERT_TRUE(routes);
  EXPECT_EQ(routes->of("a0"), (Names{"a64"}));
}

TEST(ModelItself, PlacesOfOneModel_AreOne) {
  EXPECT_EQ(model_itself("us.anthropic.claude-x"), "anthropic.claude-x");
  EXPECT_EQ(model_itself("bedrock@west/global.anthropic.claude-x"), "anthropic.claude-x");
  EXPECT_EQ(model_itself("arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-x"),
            "anthropic.claude-x");
  EXPECT_EQ(model_itself("gpt-x"), "gpt-x");
}

}  // namespace
}  // namespace caprock::gateway
