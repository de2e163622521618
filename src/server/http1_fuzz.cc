// Bytes of a connection: parsed in pieces as they would arrive, and what becomes a request is dispatched.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "server/http1_parser.h"
#include "server/in_process.h"
#include "server/test_support.h"

using namespace caprock;
using namespace caprock::server;

static base::Awaitable<base::Result<void>> answer(Exchange& x) {
  const std::string name = x.param(0) + x.request.query_value("q").value_or("");
  co_return co_await respond(x.response, 200, {{"x-name", name}}, name);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Settings settings{.access_log = false};
  static const Router router({{"GET", "/a/{name}", AuthClass::kUser, Dialect::kRest, answer},
                              {"POST", "/{rest+}", AuthClass::kUser, Dialect::kRest, answer}});
  static const Auth auth(settings, {});
  static Dispatcher dispatcher(router, auth, settings, base::null_metrics());
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Http1Parser parser({.header = 4096, .target = 256, .fields = 20});
  while (!input.empty() && !parser.done()) {
    const auto taken = parser.put(input.substr(0, 1 + input.size() / 2));
    const auto whole = taken && *taken == 0 ? parser.put(input) : taken;
    if (!whole || *whole == 0) return 0;
    input.remove_prefix(*whole);
  }
  if (!parser.head_done()) return 0;
  Request head = parser.take_head();
  const RequestStop stop;
  const auto told = run(
      InProcess(dispatcher).call({head.method, head.target, head.headers, parser.take_body_bytes()}, stop));
  if (told.status < 200 || told.status >= 500 || !told.headers.has("x-request-id")) std::abort();
  return 0;
}
