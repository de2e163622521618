#include "llm/bedrock_id.h"

#include <gtest/gtest.h>

namespace caprock::llm {
namespace {

TEST(SplitBedrockId, PlainIdsAndProfiles_NameAreaAndModel) {
  EXPECT_EQ(split_bedrock_id("amazon.nova-lite-v1:0").model, "amazon.nova-lite-v1:0");
  EXPECT_EQ(split_bedrock_id("amazon.nova-lite-v1:0").area, "");
  const BedrockId profile = split_bedrock_id("us-gov.anthropic.claude-3-haiku-20240307-v1:0");
  EXPECT_EQ(profile.area, "us-gov");
  EXPECT_EQ(profile.model, "anthropic.claude-3-haiku-20240307-v1:0");
}

TEST(SplitBedrockId, Arns_NameTheRegionAndWhatIsBehindThemWhereTheySay) {
  const BedrockId model =
      split_bedrock_id("arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0");
  EXPECT_EQ(model.region, "eu-west-1");
  EXPECT_EQ(model.model, "amazon.nova-pro-v1:0");
  EXPECT_FALSE(model.opaque);
  const BedrockId profile =
      split_bedrock_id("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0");
  EXPECT_EQ(profile.area, "us");
  EXPECT_EQ(profile.model, "amazon.nova-pro-v1:0");
  const BedrockId own =
      split_bedrock_id("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd");
  EXPECT_TRUE(own.opaque);
  EXPECT_EQ(own.model, "abcd");
}

TEST(SplitBedrockId, OddTexts_GiveThemselvesBack) {
  for (const char* id : {"", "arn:", "arn:aws", "openai/gpt-4o", "us"})
    EXPECT_EQ(split_bedrock_id(id).area, "");
  EXPECT_EQ(split_bedrock_id("openai/gpt-4o").model, "openai/gpt-4o");
}

}  // namespace
}  // namespace caprock::llm
