#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json/fields.h"
#include "llm/chat_request.h"

namespace caprock::server::rest {

/// The body of POST /generate. What the caller does not set is the model's own choice.
struct GenerateBody {
  std::string prompt;
  std::string model_preference;  ///< empty: the configured default
  std::optional<std::int64_t> max_tokens;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::int64_t> top_k;
  std::vector<std::string> stop_sequences;
  std::string context;
  std::string request_id;  ///< empty: the server's own
};
const base::Fields<GenerateBody>& generate_fields();

/// The body of POST /generate/batch.
struct BatchBody {
  std::vector<GenerateBody> requests;
};
const base::Fields<BatchBody>& batch_fields();

/// The question to the model. A context stands before the prompt in the same message:
/// "<context>\n…\n</context>\n\n" + prompt.
llm::ChatRequest chat_request_of(const GenerateBody& body);

}  // namespace caprock::server::rest
