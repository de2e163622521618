#include "providers/bedrock/embedding_codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace caprock::providers::bedrock {
namespace {

using enum llm::EmbedPurpose;

EmbeddingModel known(const char* id, std::size_t dimension = 0) {
  auto model = embedding_model(id, dimension);
  EXPECT_TRUE(model) << id;
  return model.value_or(EmbeddingModel{});
}

TEST(EmbeddingModel, Limits_AreTheModels) {
  EXPECT_EQ(known("amazon.titan-embed-text-v1").dimension, 1536U);
  EXPECT_EQ(known("amazon.titan-embed-text-v2:0").dimension, 1024U);
  EXPECT_EQ(known("amazon.titan-embed-text-v2:0", 256).dimension, 256U);
  EXPECT_EQ(known("cohere.embed-multilingual-v3").texts_per_call, 96U);
  EXPECT_EQ(known("us.cohere.embed-v4:0").dimension, 1536U);
  EXPECT_EQ(known("arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0").dimension,
            1024U);
  EXPECT_EQ(embedding_model("amazon.titan-embed-text-v2:0", 300).error().field, "embeddings.dimension");
  EXPECT_EQ(embedding_model("anthropic.claude", 0).error().field, "embeddings.model");
}

TEST(EmbeddingBody, EachFamily_HasItsOwn) {
  const std::vector<std::string> one{"a \"cat\""};
  EXPECT_EQ(embedding_body(known("amazon.titan-embed-text-v1"), one, kQuery), R"({"inputText":"a \"cat\""})");
  EXPECT_EQ(embedding_body(known("amazon.titan-embed-text-v2:0", 512), one, kPassage),
            R"({"inputText":"a \"cat\"","dimensions":512,"normalize":true})");
  EXPECT_EQ(embedding_body(known("amazon.titan-embed-image-v1", 384), one, kPassage),
            R"({"inputText":"a \"cat\"","embeddingConfig":{"outputEmbeddingLength":384}})");
  EXPECT_EQ(
      embedding_body(known("amazon.nova-2-multimodal-embeddings-v1:0", 384), one, kQuery),
      R"({"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"TEXT_RETRIEVAL","embeddingDimension":384,"text":{"truncationMode":"END","value":"a \"cat\""}}})");
  EXPECT_EQ(
      embedding_body(known("cohere.embed-english-v3"), std::vector<std::string>{"x", "y"}, kQuery),
      R"({"texts":["x","y"],"input_type":"search_query","truncate":"END","embedding_types":["float"]})");
  EXPECT_EQ(
      embedding_body(known("cohere.embed-v4:0", 256), std::vector<std::string>{"x"}, kSentence),
      R"({"texts":["x"],"input_type":"search_document","truncate":"RIGHT","embedding_types":["float"],"output_dimension":256})");
}

TEST(EmbeddingBody, LongText_IsCutWhereTheModelWouldRefuse) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "ü";
  const std::vector<std::string> one{text};
  const std::string body = embedding_body(known("cohere.embed-english-v3"), one, kPassage);
  EXPECT_NE(body.find("\"" + text.substr(0, std::size_t{2048} * 2) + "\""), std::string::npos);
}

std::string numbers(std::size_t count, double value) {
  std::string out = "[";
  for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}{}", i == 0 ? "" : ",", value);
  return out + "]";
}

TEST(ReadEmbeddings, Rows_AreOfUnitLength) {
  const auto titan =
      read_embeddings(known("amazon.titan-embed-text-v2:0", 256),
                      R"({"embedding":)" + numbers(256, 2) + R"(,"inputTextTokenCount":5})", 1);
  ASSERT_TRUE(titan) << titan.error().detail;
  EXPECT_EQ(titan->usage.input_tokens, 5);
  EXPECT_FLOAT_EQ(titan->row(0)[7], 1.0F / 16);
  const auto cohere =
      read_embeddings(known("cohere.embed-v4:0", 256),
                      R"({"embeddings":{"float":[)" + numbers(256, 1) + "," + numbers(256, -1) + "]}}", 2);
  ASSERT_TRUE(cohere);
  EXPECT_FLOAT_EQ(cohere->row(1)[0], -1.0F / 16);
  EXPECT_TRUE(
      read_embeddings(known("cohere.embed-english-v3"), R"({"embeddings":[)" + numbers(1024, 1) + "]}", 1));
  EXPECT_TRUE(
      read_embeddings(known("amazon.nova-2-multimodal-embeddings-v1:0", 384),
                      R"({"embeddings":[{"embeddingType":"TEXT","embedding":)" + numbers(384, 1) + "}]}", 1));
}

TEST(ReadEmbeddings, WrongShapes_AreErrors) {
  const auto model = known("amazon.titan-embed-text-v2:0", 256);
  for (const std::string& body :
       {std::string("{"), std::string("[]"), std::string("{}"), R"({"embedding":)" + numbers(255, 1) + "}",
        R"({"embedding":[)" + numbers(255, 1) + "]}", std::string(R"({"embedding":["x"]})"),
        R"({"embedding":)" + numbers(256, 1e60) + "}"})
    EXPECT_FALSE(read_embeddings(model, body, 1)) << body.substr(0, 40);
  EXPECT_FALSE(
      read_embeddings(known("cohere.embed-english-v3"), R"({"embeddings":[)" + numbers(1024, 1) + "]}", 2));
}

}  // namespace
}  // namespace caprock::providers::bedrock
