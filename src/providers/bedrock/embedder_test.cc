#include "providers/bedrock/embedder.h"

#include <fmt/format.h>

#include <atomic>

#include "providers/bedrock/testing.h"

namespace caprock::providers::bedrock {
namespace {

using net::testing::ScriptedServer;
using testing::answer;
using testing::Peer;

/// A vector whose first number is the text's, the second 1.
std::string vector_of(const std::string& request) {
  const auto at = request.find("inputText\":\"") + 12;
  const int number = std::stoi(request.substr(at));
  std::string out = fmt::format("[{},1", number);
  for (int i = 2; i < 256; ++i) out += ",0";
  return out + "]";
}

std::unique_ptr<llm::Embedder> titan(const Peer& peer, std::size_t side_by_side) {
  auto made = BedrockEmbedder::make(peer.caller, {.model = "amazon.titan-embed-text-v2:0", .dimension = 256},
                                    side_by_side);
  EXPECT_TRUE(made);
  return std::move(*made);
}

TEST(BedrockEmbedder, ManyTexts_KeepTheirOrderAndBlanksAreZero) {
  std::atomic<int> asked = 0;
  Peer peer(ScriptedServer::answering([&](const std::string& request) {
    ++asked;
    EXPECT_TRUE(request.starts_with("POST /model/amazon.titan-embed-text-v2%3A0/invoke "));
    return answer(R"({"embedding":)" + vector_of(request) + R"(,"inputTextTokenCount":2})", "200 OK",
                  "X-Amzn-Bedrock-Input-Token-Count: 3\r\n");
  }));
  const auto embedder = titan(peer, 4);
  std::vector<std::string> texts;
  texts.reserve(20);
  for (int i = 0; i < 20; ++i) texts.push_back(i == 7 ? " \n" : std::to_string(i));
  const base::RequestContext context;
  const auto made = peer.run(embedder->embed(context, texts, llm::EmbedPurpose::kPassage));
  ASSERT_TRUE(made) << made.error().detail;
  ASSERT_EQ(made->count(), 20U);
  for (std::size_t i = 0; i < 20; ++i) {
    if (i == 7)
      EXPECT_EQ(made->row(i)[0], 0.0F);
    else
      EXPECT_NEAR(made->row(i)[0] / made->row(i)[1], static_cast<double>(i), 1e-4);
  }
  EXPECT_EQ(asked, 19);
  EXPECT_EQ(made->usage.input_tokens, 19 * 3);
  EXPECT_LE(peer.scripted.connections(), 4);
}

TEST(BedrockEmbedder, Fingerprint_TellsModelDimensionAndPrefixes) {
  Peer peer(ScriptedServer::answering([](const std::string&) { return answer("{}"); }));
  EXPECT_EQ(titan(peer, 1)->info().fingerprint, "bedrock/amazon.titan-embed-text-v2:0@256");
  EXPECT_EQ(titan(peer, 1)->info().dimension, 256U);
  const auto prefixed =
      BedrockEmbedder::make(peer.caller, {.model = "cohere.embed-english-v3", .query_prefix = "q"}, 1);
  EXPECT_EQ((*prefixed)->info().fingerprint, "bedrock/cohere.embed-english-v3@1024#q|");
}

TEST(BedrockEmbedder, OneRefusal_IsTheAnswerAndEndsTheRest) {
  std::atomic<int> asked = 0;
  Peer peer(ScriptedServer::answering([&](const std::string&) {
    ++asked;
    return answer(R"({"message":"slow"})", "429 Too Many Requests",
                  "x-amzn-ErrorType: ThrottlingException\r\n");
  }));
  const auto embedder = titan(peer, 2);
  const base::RequestContext context;
  const auto made =
      peer.run(embedder->embed(context, std::vector<std::string>(50, "1"), llm::EmbedPurpose::kPassage));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, base::ErrorKind::kRateLimited);
  EXPECT_LE(asked, 2);
}

TEST(BedrockEmbedder, BadText_IsNamed) {
  Peer peer(ScriptedServer::answering([](const std::string&) { return answer("{}"); }));
  const auto embedder = titan(peer, 2);
  const base::RequestContext context;
  const auto made = peer.run(embedder->embed(context, {"a", "\xff"}, llm::EmbedPurpose::kQuery));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().field, "texts[1]");
}

}  // namespace
}  // namespace caprock::providers::bedrock
