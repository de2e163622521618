#include "server/surfaces/telling/telling.h"

#include <algorithm>

#include "server/route_header.h"

namespace caprock::server {

using base::failure;
using base::Result;
using Done = base::Awaitable<Result<void>>;

namespace {

/// One stream on its way to its reader; lives in the frame of `tell`.
class Teller {
 public:
  Teller(Exchange& x, SseWriter& writer, llm::ChatStream& events, StreamRenderer& renderer)
      : x_(x), writer_(writer), events_(events), renderer_(renderer) {}

  /// Up to the end that the model sent, or to the error that came instead.
  Done run(llm::StreamEvent first) {
    auto told = co_await pass_on(std::move(first));
    while (told && !renderer_.done()) {
      auto event = co_await events_.next();
      if (!event) {
        told = failure(std::move(event).error());
      } else if (!*event) {
        told =
            failure(base::Error(base::ErrorKind::kUpstream, "The model's reply broke off before its end."));
      } else {
        told = co_await pass_on(std::move(**event));
      }
    }
    if (!told) CAPROCK_CO_CHECK(co_await writer_.send(renderer_.broken(x_.explain(std::move(told).error()))));
    co_return Result<void>{};
  }

 private:
  Done pass_on(llm::StreamEvent event) {
    CAPROCK_CO_TRY(const auto rendered, renderer_.render(event));
    if (rendered.empty()) co_return Result<void>{};
    co_return co_await writer_.send(rendered);
  }

  Exchange& x_;
  SseWriter& writer_;
  llm::ChatStream& events_;
  StreamRenderer& renderer_;
};

}  // namespace

Headers ignored_header(const std::vector<std::string>& fields) {
  std::string list;
  for (const std::string& field : fields) {
    const bool plain =
        std::ranges::all_of(field, [](unsigned char c) { return c > 0x20 && c < 0x7F && c != ','; });
    if (plain && list.size() < 500) list += (list.empty() ? "" : ", ") + field;
  }
  return list.empty() ? Headers{} : Headers{{"x-caprock-ignored-fields", list}};
}

Done tell(llm::ChatModel& chat, Exchange& x, llm::ChatRequest request, Telling how,
          StreamRenderer& renderer) {
  CAPROCK_CO_TRY(auto events, co_await chat.converse(x.context, std::move(request)));
  CAPROCK_CO_TRY(auto first, co_await events->next());
  if (!first) co_return failure(base::Error(base::ErrorKind::kUpstream, "The model's reply is empty."));
  SseWriter writer(x, how.heartbeat, std::move(how.pulse));
  add_route(how.headers, *events);
  CAPROCK_CO_CHECK(co_await writer.start(std::move(how.headers)));
  Teller teller(x, writer, *events, renderer);
  CAPROCK_CO_CHECK(co_await writer.run(teller.run(std::move(*first))));
  co_return co_await writer.finish();
}

}  // namespace caprock::server
