#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caprock::providers::bedrock {

/// More passages than this go into no request.
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Rerank.html
inline constexpr std::size_t kMostPassages = 1000;

/// The body of Rerank; `page` is the token of the page that is asked for, empty for the first.
std::string rerank_body(std::string_view model_arn, std::string_view query,
                        std::span<const std::string> passages, std::string_view page);

/// Puts the scores of one page where their passages stand; the token of the next page, empty for none.
/// kUpstream for a score of no passage, or no number.
base::Result<std::string> read_scores(std::string_view body, std::vector<double>& scores);

/// The ARN of a foundation model; an ARN is given back as it is.
std::string model_arn(std::string_view model, std::string_view region);

}  // namespace caprock::providers::bedrock
