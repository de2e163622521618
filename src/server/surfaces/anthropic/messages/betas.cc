#include "server/surfaces/anthropic/messages/betas.h"

#include <algorithm>
#include <array>

namespace caprock::server::anthropic {
namespace {

// Their fields are read here whatever the header says; the first are marks of a client or of a time.
constexpr auto kOrdinary = std::to_array<std::string_view>(
    {"claude-code-20250219", "messages-2023-12-15", "tools-2024-04-04", "max-tokens-3-5-sonnet-2024-07-15",
     "prompt-caching-2024-07-31", "extended-cache-ttl-2025-04-11", "pdfs-2024-09-25",
     "token-counting-2024-11-01", "search-results-2025-06-09", "structured-outputs-2025-11-13",
     "effort-2025-11-24", "model-context-window-exceeded-2025-08-26", "thinking-token-count-2026-05-13"});

// Known to Bedrock too.
// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
constexpr auto kOfTheModel = std::to_array<std::string_view>(
    {"computer-use-2024-10-22", "computer-use-2025-01-24", "token-efficient-tools-2025-02-19",
     "interleaved-thinking-2025-05-14", "output-128k-2025-02-19", "dev-full-thinking-2025-05-14",
     "context-1m-2025-08-07"});

}  // namespace

void take_beta(std::string_view name, llm::ChatRequest& request, Ignored& ignored) {
  if (std::ranges::find(kOrdinary, name) != kOrdinary.end()) return;
  if (std::ranges::find(kOfTheModel, name) == kOfTheModel.end()) {
    ignored.push_back("anthropic-beta:" + std::string(name));
  } else if (std::ranges::find(request.betas, name) == request.betas.end()) {
    request.betas.emplace_back(name);
  }
}

void take_betas(std::string_view names, llm::ChatRequest& request, Ignored& ignored) {
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    std::string_view name = names.substr(0, comma);
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) take_beta(name, request, ignored);
  }
}

}  // namespace caprock::server::anthropic
