#pragma once

#include <boost/json/object.hpp>

#include "llm/usage.h"

namespace caprock::providers::openai {

/// `usage` of a reply. prompt_tokens counts cached tokens in; ours does not. Counts that are missing,
/// negative or no numbers are zero.
llm::Usage decode_usage(const boost::json::object& usage);

}  // namespace caprock::providers::openai
