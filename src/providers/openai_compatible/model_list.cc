#include "providers/openai_compatible/model_list.h"

#include "providers/openai_compatible/model_list_codec.h"

namespace caprock::providers::openai {

base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> ModelList::models(
    const base::RequestContext& context) {
  CAPROCK_CO_TRY(auto response, co_await server_->get(context, "/models"));
  CAPROCK_CO_TRY(const auto text, co_await server_->read_all(context, *response));
  co_return decode_models(server_->dialect(), text);
}

}  // namespace caprock::providers::openai
