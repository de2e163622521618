#include "server/surfaces/bedrock/model_lists.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "server/surfaces/bedrock/testing.h"

namespace caprock::server {
namespace {

namespace json = boost::json;
using testing::BedrockDoor;

class ModelListsTest : public ::testing::Test {
 protected:
  ModelListsTest() {
    const auto add = [this](const char* id, const char* provider, const char* output) {
      door_.models.push_back({.id = id, .provider = provider, .output_kinds = {output}});
    };
    add("bedrock/native.claude", "bedrock", "text");
    add("bedrock/mistral.large", "bedrock", "text");
    add("bedrock/native.embed", "bedrock", "embedding");
    add("bedrock/us.native.claude", "bedrock", "text");
    add("bedrock/arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", "bedrock", "text");
    add("openai/gpt-x", "openai", "text");
  }
  std::vector<std::string> ids(const std::string& target, const char* list, const char* id) {
    std::vector<std::string> out;
    const auto answer = json::parse(door_.ask("GET", target).body);
    for (const auto& one : answer.at(list).as_array()) out.emplace_back(one.at(id).as_string());
    return out;
  }
  std::vector<std::string> models(const std::string& query = "") {
    return ids("/foundation-models" + query, "modelSummaries", "modelId");
  }
  std::vector<std::string> profiles(const std::string& query = "") {
    return ids("/inference-profiles" + query, "inferenceProfileSummaries", "inferenceProfileId");
  }
  using Ids = std::vector<std::string>;
  BedrockDoor door_;
};

TEST_F(ModelListsTest, Models_AreFilteredAsAsked) {
  // By the short name where that alone is enough to be asked.
  EXPECT_EQ(models(), (Ids{"native.claude", "bedrock/mistral.large", "native.embed", "openai/gpt-x"}));
  EXPECT_EQ(models("?byOutputModality=EMBEDDING"), Ids{"native.embed"});
  EXPECT_EQ(models("?byProvider=mistral%20ai"), Ids{"bedrock/mistral.large"});
  EXPECT_EQ(models("?byProvider=openai"), Ids{"openai/gpt-x"});
  EXPECT_EQ(models("?byInferenceType=PROVISIONED"), Ids{});
  const auto wrong = door_.ask("GET", "/foundation-models?byOutputModality=SMELL");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_TRUE(wrong.body.contains("byOutputModality"));
}

TEST_F(ModelListsTest, OneModel_IsFoundByIdAndArn) {
  for (const char* id : {"native.claude", "bedrock%2Fmistral.large", "mistral.large",
                         "arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Fnative.claude"}) {
    const auto answer = door_.ask("GET", std::string("/foundation-models/") + id);
    EXPECT_EQ(answer.status, 200) << id;
    EXPECT_TRUE(answer.body.contains("modelDetails"));
  }
  const auto none = door_.ask("GET", "/foundation-models/us.native.claude");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.headers.get("x-amzn-errortype"), "ResourceNotFoundException");
}

TEST_F(ModelListsTest, Profiles_ComeInPagesAndByType) {
  const std::string own = "bedrock/arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
  EXPECT_EQ(profiles(), (Ids{"bedrock/us.native.claude", own}));
  EXPECT_EQ(profiles("?type=APPLICATION"), Ids{own});
  const auto first = json::parse(door_.ask("GET", "/inference-profiles?maxResults=1").body);
  const std::string token(first.at("nextToken").as_string());
  EXPECT_EQ(profiles("?maxResults=1&nextToken=" + token), Ids{own});
  EXPECT_FALSE(json::parse(door_.ask("GET", "/inference-profiles?nextToken=" + token).body)
                   .as_object()
                   .contains("nextToken"));
  EXPECT_EQ(door_.ask("GET", "/inference-profiles?maxResults=0").status, 400);
  EXPECT_EQ(door_.ask("GET", "/inference-profiles?nextToken=x").status, 400);
  EXPECT_EQ(door_.ask("GET", "/inference-profiles/us.native.claude").status, 200);
  EXPECT_EQ(door_.ask("GET", "/inference-profiles/native.claude").status, 404);
}

}  // namespace
}  // namespace caprock::server
