#include "providers/bedrock/settings.h"

#include "net/url.h"

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
           .help =
               "reorders the best passages where [retrieve] rerank is on, such as cohere.rerank-v3-5:0"}}};
}

base::Result<void> Settings::check() const {
  if (!endpoint_url.empty() && !net::parse_url(endpoint_url))
    return base::failure(base::invalid_argument("bedrock.endpoint_url", "is no http or https URL"));
  return {};
}

}  // namespace caprock::providers::bedrock
