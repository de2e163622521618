#include "server/surfaces/bedrock/rerank.h"

#include <gtest/gtest.h>

#include "server/surfaces/bedrock/testing.h"

namespace caprock::server {
namespace {

using testing::BedrockDoor;

/// The longer a passage, the better.
class ByLength final : public llm::Reranker {
 public:
  base::Awaitable<base::Result<std::vector<double>>> rerank(const base::RequestContext&, std::string,
                                                            std::vector<std::string> passages) override {
    std::vector<double> scores;
    for (const auto& passage : passages) scores.push_back(static_cast<double>(passage.size()));
    co_return scores;
  }
};

std::string body(const std::string& model, const std::string& more = "") {
  return R"({"queries":[{"type":"TEXT","textQuery":{"text":"q"}}],"sources":[
    {"type":"INLINE","inlineDocumentSource":{"type":"TEXT","textDocument":{"text":"a"}}},
    {"type":"INLINE","inlineDocumentSource":{"type":"JSON","jsonDocument":{"modelArn":"x"}}},
    {"type":"INLINE","inlineDocumentSource":{"type":"TEXT","textDocument":{"text":"abc"}}}],
    "rerankingConfiguration":{"type":"BEDROCK_RERANKING_MODEL","bedrockRerankingConfiguration":{)" +
         more + R"("modelConfiguration":{"modelArn":")" + model + R"("}}}})";
}

TEST(Rerank, ModelOfBedrock_PassesThrough) {
  BedrockDoor door;
  door.native.script.pieces = {std::string("theirs")};
  EXPECT_EQ(door.post("/rerank", body("native.rerank")).body, "theirs");
  EXPECT_EQ(door.native.asked.model, "native.rerank");
  EXPECT_EQ(door.native.asked.body, body("native.rerank"));
}

TEST(Rerank, OurReranker_AnswersBestFirst) {
  ByLength ours;
  BedrockDoor door(nullptr, &ours);
  const auto answer = door.post("/rerank", body("ours", R"("numberOfResults":2,)"));
  EXPECT_EQ(answer.body, R"({"results":[{"index":1,"relevanceScore":16},{"index":2,"relevanceScore":3}]})");
}

TEST(Rerank, NobodysModelOrAWrongBody_IsToldByItsField) {
  BedrockDoor door;
  const auto nobodys = door.post("/rerank", body("theirs"));
  EXPECT_EQ(nobodys.status, 404);
  EXPECT_TRUE(nobodys.body.contains("modelArn"));
  const auto many = door.post("/rerank", body("ours", R"("numberOfResults":4,)"));
  EXPECT_EQ(many.status, 400);
  EXPECT_TRUE(many.body.contains("numberOfResults"));
  EXPECT_TRUE(door.post("/rerank", R"({"queries":[]})").body.contains("queries"));
  EXPECT_EQ(door.post("/rerank", "{").status, 400);
}

}  // namespace
}  // namespace caprock::server
