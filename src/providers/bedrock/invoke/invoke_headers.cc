#include "providers/bedrock/invoke/invoke_headers.h"

#include <algorithm>

#include "base/json/json_writer.h"

namespace caprock::providers::bedrock::invoke {

using base::failure;
using base::Result;

namespace {

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<void> add(net::HttpHeaders& headers, std::string name, const std::string& value, std::string field) {
  if (value.empty()) return {};
  if (!is_printable(value))
    return failure(base::invalid_argument(
        std::move(field), "InvokeModel has a header for this, which takes printable ASCII alone"));
  headers.emplace_back(std::move(name), value);
  return {};
}

std::string metadata_of(const llm::ChatRequest& request, bool user_in_body) {
  const bool told =
      std::ranges::any_of(request.metadata, [](const auto& one) { return one.first == "end_user"; });
  const bool user = !request.end_user.empty() && !user_in_body && !told;
  if (request.metadata.empty() && !user) return {};
  base::JsonWriter out;
  out.open_object();
  for (const auto& [name, value] : request.metadata) out.name(name).text(value);
  if (user) out.key("end_user").text(request.end_user);
  out.close_object();
  return out.take();
}

}  // namespace

Result<net::HttpHeaders> invoke_headers(const llm::ChatRequest& request, bool user_in_body) {
  net::HttpHeaders out;
  if (request.guardrail) {
    const llm::GuardrailSettings& guardrail = *request.guardrail;
    if (!guardrail.stream_processing.empty())
      return failure(
          base::invalid_argument("guardrailConfig.streamProcessingMode",
                                 "InvokeModel has this in the model's own body only: leave it out"));
    CAPROCK_CHECK(
        add(out, "X-Amzn-Bedrock-GuardrailIdentifier", guardrail.id, "guardrailConfig.guardrailIdentifier"));
    CAPROCK_CHECK(
        add(out, "X-Amzn-Bedrock-GuardrailVersion", guardrail.version, "guardrailConfig.guardrailVersion"));
    const std::string trace = guardrail.trace == "enabled"        ? "ENABLED"
                              : guardrail.trace == "enabled_full" ? "ENABLED_FULL"
                              : guardrail.trace == "disabled"     ? "DISABLED"
                                                                  : guardrail.trace;
    CAPROCK_CHECK(add(out, "X-Amzn-Bedrock-Trace", trace, "guardrailConfig.trace"));
  }
  CAPROCK_CHECK(
      add(out, "X-Amzn-Bedrock-PerformanceConfig-Latency", request.latency, "performanceConfig.latency"));
  // "auto" leaves it to the provider, as saying nothing does.
  const std::string tier = request.service_tier == "standard_only" ? "default"
                           : request.service_tier == "auto"        ? ""
                                                                   : request.service_tier;
  CAPROCK_CHECK(add(out, "X-Amzn-Bedrock-Service-Tier", tier, "serviceTier.type"));
  CAPROCK_CHECK(
      add(out, "X-Amzn-Bedrock-Request-Metadata", metadata_of(request, user_in_body), "requestMetadata"));
  return out;
}

}  // namespace caprock::providers::bedrock::invoke
