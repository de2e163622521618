#include "providers/openai_compatible/embedder.h"

#include <gmock/gmock.h>

#include "providers/openai_compatible/embedding_codec.h"
#include "providers/openai_compatible/testing.h"

namespace caprock::providers::openai {
namespace {

using net::testing::ScriptedServer;
using testing::answer;
using ::testing::HasSubstr;
using testing::Peer;

base::Awaitable<base::Result<llm::Embeddings>> embed(llm::Embedder& embedder, std::vector<std::string> texts,
                                                     llm::EmbedPurpose purpose) {
  const base::RequestContext context;
  co_return co_await embedder.embed(context, std::move(texts), purpose);
}

TEST(OpenAiEmbedder, Texts_GoInBatchesAndComeBackInOrderAndOfUnitLength) {
  std::vector<std::string> requests;
  Peer peer(ScriptedServer::answering([&](const std::string& request) {
    requests.push_back(request);
    if (requests.size() == 1)
      return answer(
          R"({"data":[{"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4]}],"usage":{"prompt_tokens":5}})");
    return answer(R"({"data":[{"index":0,"embedding":[1,0]}],"usage":{"prompt_tokens":2}})");
  }));
  auto made = RemoteEmbedder::make(
      peer.server,
      {.model = "m", .dimension = 2, .query_prefix = "q: ", .passage_prefix = "p: ", .batch = 2});
  ASSERT_TRUE(made);
  const auto vectors = peer.run(embed(**made, {"a", "b", "c"}, llm::EmbedPurpose::kPassage));
  ASSERT_TRUE(vectors) << vectors.error().detail;
  EXPECT_EQ(vectors->values, (std::vector<float>{0.6F, 0.8F, 0, 1, 1, 0}));
  EXPECT_EQ(vectors->usage.input_tokens, 7);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_THAT(requests[0], HasSubstr(R"({"model":"m","input":["p: a","p: b"],"encoding_format":"float"})"));
}

TEST(OpenAiEmbedder, Fingerprint_TellsWhatDoesNotCompare) {
  Peer peer([](net::testing::ServerConnection&) {});
  const auto print = [&](EmbeddingChoice choice) {
    return RemoteEmbedder::make(peer.server, std::move(choice)).value()->info().fingerprint;
  };
  EXPECT_EQ(print({.model = "text-embedding-3-small"}), "openai/text-embedding-3-small@1536");
  EXPECT_EQ(print({.model = "text-embedding-3-small", .dimension = 256}),
            "openai/text-embedding-3-small@256");
  EXPECT_NE(print({.model = "text-embedding-3-small", .query_prefix = "q: "}),
            print({.model = "text-embedding-3-small"}));
  const auto unknown = RemoteEmbedder::make(peer.server, {.model = "mystery"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().field, "embeddings.dimension");
}

TEST(EmbeddingCodec, ReplyThatIsNone_IsAnError) {
  const auto decode = [](std::string_view body) {
    llm::Embeddings out{.dimension = 2, .values = {}, .usage = {}};
    return decode_embeddings(*dialect_named("openai"), "m", body, 1, out);
  };
  EXPECT_TRUE(decode(R"({"data":[{"embedding":[0,0]}]})"));
  for (const char* body :
       {"", "{}", R"({"data":[]})", R"({"data":[{"embedding":"x"}]})", R"({"data":[7]})",
        R"({"data":[{"index":1,"embedding":[1,2]}]})", R"({"data":[{"index":-1,"embedding":[1,2]}]})",
        R"({"data":[{"embedding":[1,"2"]}]})", R"({"data":[{"embedding":[1,1e39]}]})"})
    EXPECT_FALSE(decode(body)) << body;
  const auto other = decode(R"({"data":[{"embedding":[1,2,3]}]})");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("[embeddings] dimension = 3"));
}

}  // namespace
}  // namespace caprock::providers::openai
