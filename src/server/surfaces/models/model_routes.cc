#include "server/surfaces/models/model_routes.h"

#include <algorithm>
#include <memory>

#include "server/dialect.h"
#include "server/surfaces/models/anthropic_list.h"
#include "server/surfaces/models/openai_list.h"

namespace caprock::server {

using base::failure;
using base::Result;
using Done = base::Awaitable<Result<void>>;
using Models = std::shared_ptr<const ListModels>;

namespace {

Done answer(Exchange& x, Dialect dialect, std::string body) {
  Headers headers{{"content-type", "application/json"}, {"cache-control", "no-store"}};
  if (dialect == Dialect::kAnthropic) headers.add("request-id", x.context.request_id.str());
  return respond(x.response, 200, std::move(headers), std::move(body));
}

// A path that both APIs have is a route of OpenAI's, where the header may say otherwise.
Dialect chosen(Dialect of_route, const Exchange& x) {
  const bool shared = of_route == Dialect::kOpenAi && !x.request.path().starts_with("/openai/");
  return shared && speaks_anthropic(x.request) ? Dialect::kAnthropic : of_route;
}

Done list(const ListModels& models, Dialect of_route, Exchange& x) {
  const Dialect dialect = chosen(of_route, x);
  CAPROCK_CO_TRY(const auto all, co_await models(x.context));
  if (dialect == Dialect::kOpenAi) co_return co_await answer(x, dialect, openai::model_list(all));
  CAPROCK_CO_TRY(const auto page, anthropic::read_page(x.request));
  CAPROCK_CO_TRY(auto body, anthropic::model_list(all, page));
  co_return co_await answer(x, dialect, std::move(body));
}

Done show(const ListModels& models, Dialect of_route, Exchange& x) {
  const Dialect dialect = chosen(of_route, x);
  CAPROCK_CO_TRY(const auto all, co_await models(x.context));
  const auto found = std::ranges::find(all, x.param(0), &llm::ModelInfo::id);
  if (found == all.end())
    co_return failure(base::not_found("The model '" + x.param(0) + "' does not exist.").with_field("model"));
  co_return co_await answer(
      x, dialect, dialect == Dialect::kOpenAi ? openai::one_model(*found) : anthropic::one_model(*found));
}

using Function = Done (*)(const ListModels&, Dialect, Exchange&);

Route route(const Models& models, std::string_view pattern, Dialect dialect, Function function) {
  return {.method = "GET",
          .pattern = pattern,
          .auth = AuthClass::kUser,
          .dialect = dialect,
          .handler = [models, dialect, function](Exchange& x) { return function(*models, dialect, x); }};
}

}  // namespace

std::vector<Route> model_routes(ListModels given) {
  const auto models = std::make_shared<const ListModels>(std::move(given));
  return {route(models, "/v1/models", Dialect::kOpenAi, list),
          route(models, "/v1/models/{id+}", Dialect::kOpenAi, show),
          route(models, "/openai/v1/models", Dialect::kOpenAi, list),
          route(models, "/openai/v1/models/{id+}", Dialect::kOpenAi, show),
          route(models, "/anthropic/v1/models", Dialect::kAnthropic, list),
          route(models, "/anthropic/v1/models/{id+}", Dialect::kAnthropic, show)};
}

}  // namespace caprock::server
