#include "server/surfaces/rest/sampling.h"

#include <gtest/gtest.h>

namespace caprock::server::rest {
namespace {

const llm::InferenceSettings kAll{.temperature = 0.5, .top_p = 0.5, .top_k = 5};

std::string_view found(std::string message, std::string field = "",
                       base::ErrorKind kind = base::ErrorKind::kInvalidArgument) {
  return not_taken(base::Error(kind, std::move(message)).with_field(std::move(field)), kAll);
}

TEST(NotTaken, Refusals_NameTheParameter) {
  EXPECT_EQ(found("this model takes no top_k over Bedrock: leave top_k out", "top_k"), "top_k");
  EXPECT_EQ(found("`temperature` and `top_p` cannot both be specified for this model. Please use only one."),
            "top_p");
  EXPECT_EQ(found("Unsupported parameter: 'temperature' is not supported with this model."), "temperature");
  EXPECT_EQ(found("top_k cannot be expressed to OpenAI: leave it out or ask another model", "top_k"),
            "top_k");
  EXPECT_EQ(found("`temperature` is deprecated for this model."), "temperature");
  EXPECT_EQ(found("Malformed input: inferenceConfig.topK is not supported"), "top_k");
}

TEST(NotTaken, OtherErrors_AreLeftAlone) {
  EXPECT_EQ(found("temperature: must be at most 1", "temperature"), "");
  EXPECT_EQ(found("images are not supported"), "");
  EXPECT_EQ(found("top_p is not supported", "", base::ErrorKind::kUpstream), "");
  EXPECT_EQ(not_taken(base::invalid_argument("top_k", "takes no top_k"), {.temperature = 0.5}), "");
}

}  // namespace
}  // namespace caprock::server::rest
