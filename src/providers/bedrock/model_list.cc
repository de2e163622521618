#include "providers/bedrock/model_list.h"

#include "providers/bedrock/model_list_codec.h"

namespace caprock::providers::bedrock {

using base::Result;

namespace {

constexpr int kMostPages = 20;  // of 1,000 profiles each

}  // namespace

base::Awaitable<Result<std::string>> ModelList::get(const base::RequestContext& context, std::string path) {
  Call call;
  call.service = aws::Service::kBedrock;
  call.method = "GET";
  call.path = std::move(path);
  CAPROCK_CO_TRY(auto answer, co_await caller_->send(context, std::move(call)));
  co_return co_await caller_->read_all(context, answer);
}

base::Awaitable<Result<std::vector<llm::ModelInfo>>> ModelList::models(const base::RequestContext& context) {
  std::vector<llm::ModelInfo> all;
  CAPROCK_CO_TRY(const auto body, co_await get(context, "/foundation-models"));
  CAPROCK_CO_CHECK(read_foundation_models(body, all));
  std::string token;
  for (int page = 0; page < kMostPages; ++page) {
    std::string path = "/inference-profiles?maxResults=1000";
    if (!token.empty()) path += "&nextToken=" + aws::uri_encode(token);
    CAPROCK_CO_TRY(const auto profiles, co_await get(context, std::move(path)));
    CAPROCK_CO_TRY(token, read_inference_profiles(profiles, all));
    if (token.empty()) break;
  }
  co_return all;
}

}  // namespace caprock::providers::bedrock
