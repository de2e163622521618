#include "server/sse_writer.h"

#include <gtest/gtest.h>

#include "base/event.h"
#include "server/test_support.h"

namespace caprock::server {
namespace {

TEST(SseFrame, GoldenBytes) {
  EXPECT_EQ(frame({.event = "token", .data = "a", .id = "7"}), "id: 7\nevent: token\ndata: a\n\n");
  EXPECT_EQ(frame({.event = "", .data = "a\nb\r\nc\rd\n"}), "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
  EXPECT_EQ(frame({.event = "x\ndata: evil", .data = "", .id = "1\r2"}),
            "id: 1 2\nevent: x data: evil\ndata: \n\n");
}

// Takes its time over every write, and notes what a second write in between would break.
class SlowSink final : public ResponseSink {
 public:
  base::Awaitable<base::Result<void>> start(int, Headers headers, std::optional<std::uint64_t>) override {
    content_type = headers.get("content-type");
    co_return base::Result<void>{};
  }
  base::Awaitable<base::Result<void>> write(std::string bytes) override {
    EXPECT_FALSE(busy) << "two writes at once";
    busy = true;
    co_await base::sleep_for(std::chrono::milliseconds(3));
    busy = false;
    text += bytes;
    co_return base::Result<void>{};
  }
  base::Awaitable<base::Result<void>> finish() override { co_return base::Result<void>{}; }
  bool started() const override { return true; }

  std::string text;
  std::string content_type;
  bool busy = false;
};

base::Awaitable<base::Result<void>> talk(SseWriter* writer, SlowSink* sink) {
  for (int i = 0; i < 20; ++i) CAPROCK_CO_CHECK(co_await writer->send({.event = "", .data = "d"}));
  // Silent until heartbeats have come.
  while (sink->text.find(": heartbeat\n\n: heartbeat\n\n") == std::string::npos)
    co_await base::sleep_for(std::chrono::milliseconds(1));
  CAPROCK_CO_CHECK(co_await writer->send({.event = "", .data = "end"}));
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> throw_up() { throw std::runtime_error("test"); }

TEST(SseWriter, Heartbeats_NeverMixWithEvents) {
  SlowSink sink;
  Exchange exchange{.context = {}, .request = {}, .params = {}, .response = sink};
  SseWriter writer(exchange, std::chrono::milliseconds(1));
  EXPECT_TRUE(run(writer.start()));
  EXPECT_TRUE(run(writer.run(talk(&writer, &sink))));
  EXPECT_EQ(sink.content_type, "text/event-stream");
  EXPECT_NE(sink.text.find("data: end\n\n"), std::string::npos);
}

TEST(SseWriter, ExceptionOfTheProducer_EndsTheHeartbeats) {
  SlowSink sink;
  Exchange exchange{.context = {}, .request = {}, .params = {}, .response = sink};
  SseWriter writer(exchange, std::chrono::milliseconds(1));
  EXPECT_THROW(run(writer.run(throw_up())), std::runtime_error);
}

}  // namespace
}  // namespace caprock::server
