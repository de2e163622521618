#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/json/json_text.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"

namespace caprock::server::rest {

namespace json = boost::json;

namespace {

using State = Dependency::State;

std::string_view state_name(State state) {
  switch (state) {
    case State::kOk:
      return "ok";
    case State::kDegraded:
      return "degraded";
    case State::kDown:
      return "down";
  }
  return "down";
}

Done health(const RestParts& parts, base::MonoTime since, Exchange& x) {
  const auto uptime = std::chrono::duration<double>(parts.clock.mono() - since).count();
  return answer_json(x, 200, {{"status", "ok"}, {"version", parts.version}, {"uptime_seconds", uptime}});
}

// 503 only when something is down: with a degraded one the process serves what it can.
Done ready(const RestParts& parts, Exchange& x) {
  State worst = State::kOk;
  json::array list;
  for (const auto& dependency : parts.ready ? parts.ready() : std::vector<Dependency>()) {
    worst = std::max(worst, dependency.state);
    list.push_back(
        {{"name", dependency.name},
         {"status", state_name(dependency.state)},
         {"detail", dependency.detail.empty() ? json::value(nullptr) : json::value(dependency.detail)}});
  }
  return answer_json(x, worst == State::kDown ? 503 : 200,
                     {{"status", state_name(worst)}, {"dependencies", std::move(list)}});
}

Done refuse(base::Error error) { co_return base::failure(std::move(error)); }

Done metrics(const RestParts& parts, Exchange& x) {
  if (!parts.metrics) return refuse(base::not_found("Metrics are switched off ([metrics] enabled)."));
  return answer_text(x, "text/plain; version=0.0.4; charset=utf-8", parts.metrics());
}

Done tools(const RestParts& parts, Exchange& x) {
  json::array list;
  for (const auto& spec : parts.tools.specs()) {
    list.push_back({{"name", spec.name},
                    {"description", spec.description},
                    {"input_schema", base::parse_json(spec.input_schema_json).value_or(json::object())}});
  }
  return answer_json(x, 200, {{"tools", std::move(list)}});
}

}  // namespace

std::vector<Operation> system_operations(const Parts& parts) {
  const auto since = parts->clock.mono();
  return {
      {.method = "GET",
       .pattern = "/health",
       .auth = AuthClass::kPublic,
       .id = "health",
       .tag = "system",
       .summary = "That the process is alive.",
       .handler = [parts, since](Exchange& x) { return health(*parts, since, x); },
       .replies = {{.help = "Alive.", .schema = "Health"}},
       .errors = {},
       .any_query = true},
      {.method = "GET",
       .pattern = "/ready",
       .auth = AuthClass::kPublic,
       .id = "ready",
       .tag = "system",
       .summary = "What the process depends on, and how it is.",
       .handler = bound(parts, ready),
       .replies = {{.help = "Serves, as far as each dependency allows.", .schema = "Ready"},
                   {.status = 503, .help = "Something that is needed is down.", .schema = "ReadyOrError"}},
       .errors = {},
       .any_query = true},
      {.method = "GET",
       .pattern = "/metrics",
       .auth = AuthClass::kUser,
       .id = "metrics",
       .tag = "system",
       .summary = "Metrics in Prometheus text.",
       .handler = bound(parts, metrics),
       .replies = {{.help = "The metrics.", .schema = "", .content_type = "text/plain"}},
       .errors = {},
       .any_query = true},
      {.method = "GET",
       .pattern = "/tools",
       .auth = AuthClass::kUser,
       .id = "listTools",
       .tag = "agent",
       .summary = "The tools that an agent can use.",
       .handler = bound(parts, tools),
       .replies = {{.help = "The tools.", .schema = "ToolList"}},
       .errors = {}},
  };
}

}  // namespace caprock::server::rest
