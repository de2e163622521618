#include "providers/bedrock/settings.h"

#include "net/url.h"
#include "providers/bedrock/invoke/codec.h"

namespace caprock::providers::bedrock {

base::SettingsSection Settings::describe() {
  return {
      .name = "bedrock",
      .help = "Amazon Bedrock; region and credentials are in [aws]",
      .settings = {
          {.key = "endpoint_url",
           .target = &endpoint_url,
           .help = "where its runtime answers, instead of AWS's own address; empty: by AWS_ENDPOINT_URL "
                   "and its relatives, the profile and the region"},
          {.key = "embed_side_by_side",
           .target = &embed_side_by_side,
           .help = "calls at once for one batch of texts",
           .min = 1,
           .max = 256},
          {.key = "rerank_model",
           .target = &rerank_model,
           .help = "reorders the best passages where [retrieve] rerank is on, such as cohere.rerank-v3-5:0"},
          {.key = "api",
           .target = &api,
           .help =
               "how models are asked: auto, by Converse, and by InvokeModel where Converse does not serve "
               "a model; converse; invoke, for every family whose bodies are known",
           .choices = {"auto", "converse", "invoke"}},
          {.key = "invoke_models",
           .target = &invoke_models,
           .help = "models that are asked by InvokeModel whatever api says: ID, or ID=FAMILY for an ARN that "
                   "does not tell its model; families: " +
                   invoke::codec_names()}}};
}

base::Result<void> Settings::check() const {
  if (!endpoint_url.empty() && !net::parse_url(endpoint_url))
    return base::failure(base::invalid_argument("bedrock.endpoint_url", "is no http or https URL"));
  for (const std::string& entry : invoke_models) {
    const auto equals = entry.find('=');
    const std::string_view id = std::string_view(entry).substr(0, equals);
    if (equals == std::string::npos && invoke::codec_of(id) == nullptr)
      return base::failure(base::invalid_argument(
          "bedrock.invoke_models", "\"" + entry + "\" does not tell its family: write ID=FAMILY"));
    if (equals != std::string::npos &&
        invoke::codec_named(std::string_view(entry).substr(equals + 1)) == nullptr)
      return base::failure(base::invalid_argument(
          "bedrock.invoke_models", "\"" + entry + "\": a family is one of " + invoke::codec_names()));
  }
  return {};
}

}  // namespace caprock::providers::bedrock
