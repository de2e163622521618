#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caprock::server::bedrock {

/// The body of Rerank, for a reranker of ours.
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Rerank.html
struct RerankBody {
  std::string model;
  std::string query;
  std::vector<std::string> passages;
  std::size_t results = 0;  ///< how many are wanted
};

/// kInvalidArgument with the path of the member.
base::Result<RerankBody> read_rerank(const boost::json::value& body);
/// The best `results` of the scores, best first.
std::string rerank_reply(const RerankBody& body, const std::vector<double>& scores);
/// The model that a body of Rerank names, found without a tree of it; empty when there is none.
std::string rerank_model(std::string_view body);

}  // namespace caprock::server::bedrock
