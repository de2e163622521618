// Bytes of an HTTP/2 connection behind the preface, in two pieces: each request is answered with its body.
#include <cstdint>
#include <cstdlib>
#include <deque>

#include "server/http2_session.h"

using namespace caprock;
using namespace caprock::server;

namespace {

class Echo final : public Http2Session::Owner {
 public:
  Http2Stream* open(std::int32_t id) override {
    return streams.size() < 50 ? &streams.emplace_back(id) : nullptr;
  }
  void changed(Http2Stream& stream) override { due.push_back(&stream); }
  void answer(Http2Stream& stream) {
    session.consumed(stream, stream.body.size());
    stream.pending += std::exchange(stream.body, {});
    if (stream.head_done && !std::exchange(stream.answer_begun, true)) {
      const auto request = stream.head.take();
      if (request && request->headers.get("host").empty() != request->authority.empty()) std::abort();
      session.respond(stream, 200, {{"x", request ? request->target : ""}}, std::nullopt, true);
    }
    stream.answer_ended = stream.body_ended;
    session.resume(stream);
  }
  void feed(std::string_view bytes) {
    session.feed(bytes, base::MonoTime{std::chrono::seconds(1000)});
    for (Http2Stream* stream : std::exchange(due, {})) answer(*stream);
    std::string out;
    session.collect(out, 1U << 16);
    due.clear();
    if (!session.alive() && session.fault() != Http2Session::Fault::kNone && out.empty() && !ended)
      std::abort();
    ended = ended || !session.alive();
  }

  std::deque<Http2Stream> streams;
  std::vector<Http2Stream*> due;
  bool ended = false;
  Http2Session session{
      {.head = {.header = 1000, .target = 100, .fields = 10}, .resets = 20, .control_frames = 50}, *this};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Echo echo;
  echo.feed("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const std::size_t cut = input.empty() ? 0 : static_cast<unsigned char>(input.front()) % input.size();
  echo.feed(input.substr(0, cut));
  echo.feed(input.substr(cut));
  return 0;
}
