#include "providers/bedrock/reranker.h"

#include "providers/bedrock/rerank_codec.h"
#include "providers/bedrock/testing.h"

namespace caprock::providers::bedrock {
namespace {

using net::testing::ScriptedServer;
using testing::answer;
using testing::Peer;

TEST(RerankBody, IsTheServices) {
  const std::vector<std::string> passages{"a \"b\"", "c"};
  EXPECT_EQ(
      rerank_body("arn:m", "q", passages, "n"),
      R"({"queries":[{"type":"TEXT","textQuery":{"text":"q"}}],"sources":[)"
      R"({"type":"INLINE","inlineDocumentSource":{"type":"TEXT","textDocument":{"text":"a \"b\""}}},)"
      R"({"type":"INLINE","inlineDocumentSource":{"type":"TEXT","textDocument":{"text":"c"}}}],)"
      R"("rerankingConfiguration":{"type":"BEDROCK_RERANKING_MODEL","bedrockRerankingConfiguration":{"numberOfResults":2,)"
      R"("modelConfiguration":{"modelArn":"arn:m"}}},"nextToken":"n"})");
  EXPECT_EQ(model_arn("cohere.rerank-v3-5:0", "cn-north-1"),
            "arn:aws-cn:bedrock:cn-north-1::foundation-model/cohere.rerank-v3-5:0");
  EXPECT_EQ(model_arn("arn:x", "us-east-1"), "arn:x");
}

TEST(ReadScores, WrongOnes_AreErrors) {
  std::vector<double> scores(2);
  for (const char* body : {"", "[]", "{}", R"({"results":[{"index":2,"relevanceScore":1}]})",
                           R"({"results":[{"index":-1,"relevanceScore":1}]})", R"({"results":[{"index":0}]})",
                           R"({"results":[{"index":"0","relevanceScore":1}]})", R"({"results":[7]})"})
    EXPECT_FALSE(read_scores(body, scores)) << body;
}

base::Result<std::vector<double>> reranked(std::initializer_list<std::string> answers) {
  auto left = std::make_shared<std::vector<std::string>>(answers);
  Peer peer(ScriptedServer::answering([left](const std::string& request) {
    EXPECT_TRUE(request.starts_with("POST /rerank ")) << request;
    EXPECT_NE(request.find("arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0"),
              std::string::npos);
    std::string body = left->front();
    left->erase(left->begin());
    return answer(body);
  }));
  BedrockReranker reranker(peer.caller, "cohere.rerank-v3-5:0");
  const base::RequestContext context;
  return peer.run(reranker.rerank(context, "q", {"a", "b"}));
}

TEST(BedrockReranker, Scores_StandInTheOrderOfThePassages) {
  const auto scores = reranked({R"({"results":[{"index":1,"relevanceScore":0.5}],"nextToken":"t"})",
                                R"({"results":[{"index":0,"relevanceScore":0.25}]})"});
  ASSERT_TRUE(scores) << scores.error().detail;
  EXPECT_EQ(*scores, (std::vector<double>{0.25, 0.5}));
}

TEST(BedrockReranker, PassageWithoutScore_IsAnError) {
  const auto scores = reranked({R"({"results":[{"index":1,"relevanceScore":0.5}]})"});
  ASSERT_FALSE(scores);
  EXPECT_EQ(scores.error().kind, base::ErrorKind::kUpstream);
}

}  // namespace
}  // namespace caprock::providers::bedrock
