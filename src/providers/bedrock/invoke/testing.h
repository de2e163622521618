#pragma once

#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "aws/eventstream.h"
#include "base/base64.h"
#include "llm/chat_model.h"
#include "providers/bedrock/invoke/families.h"
#include "providers/bedrock/invoke/invoke_decoder.h"
#include "providers/bedrock/testing.h"

namespace caprock::providers::bedrock::invoke::testing {

inline llm::ChatRequest conversation(std::string model = "m") {
  llm::ChatRequest request;
  request.model = std::move(model);
  request.system = {llm::TextBlock{"Be brief."}};
  request.messages = {llm::text_message(llm::Role::kUser, "Hi"),
                      llm::text_message(llm::Role::kAssistant, "Hello"),
                      llm::text_message(llm::Role::kUser, "And \"you\"?")};
  return request;
}

/// The field that a codec refuses, or "" when it takes the request.
inline std::string refused(const Codec& codec, const llm::ChatRequest& request) {
  const auto body = codec.body(request);
  return body ? std::string() : body.error().field;
}

/// A stream of chunks as Bedrock frames them; the last one brings the figures of the invocation.
inline std::string stream_of(const std::vector<std::string>& chunks, bool figures = true) {
  std::string out;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    std::string chunk = chunks[i];
    if (figures && i + 1 == chunks.size())
      chunk.insert(chunk.size() - 1, R"(,"amazon-bedrock-invocationMetrics":{"inputTokenCount":11,)"
                                     R"("outputTokenCount":7,"invocationLatency":42,"firstByteLatency":5})");
    const std::string payload = R"({"bytes":")" + base::base64_encode(chunk) + R"(","p":"abc"})";
    EXPECT_TRUE(aws::append_event(out, "chunk", payload));
  }
  return out;
}

struct Seen {
  std::vector<llm::StreamEvent> events;
  base::Result<void> end;
};

inline Seen decode(const Codec& codec, const std::string& bytes, std::size_t step) {
  InvokeDecoder decoder({.model = "m", .region = "r", .request_id = "r-1"}, codec, false);
  Seen seen;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    seen.end = decoder.push(bytes.substr(at, step), seen.events);
    if (!seen.end) return seen;
  }
  seen.end = decoder.finish(seen.events);
  return seen;
}

/// Plays events, for llm::collect.
class Played final : public llm::ChatStream {
 public:
  explicit Played(std::vector<llm::StreamEvent> events) : events_(std::move(events)) {}
  base::Awaitable<base::Result<std::optional<llm::StreamEvent>>> next() override {
    if (at_ == events_.size()) co_return std::nullopt;
    co_return std::optional(std::move(events_[at_++]));
  }

 private:
  std::vector<llm::StreamEvent> events_;
  std::size_t at_ = 0;
};

inline llm::ChatReply collected(std::vector<llm::StreamEvent> events) {
  Played stream(std::move(events));
  boost::asio::io_context loop;
  llm::ChatReply reply;
  boost::asio::co_spawn(loop, llm::collect(stream), [&](std::exception_ptr failed, auto got) {
    EXPECT_FALSE(failed);
    EXPECT_TRUE(got) << got.error().message << got.error().detail;
    if (got) reply = std::move(*got);
  });
  loop.run();
  return reply;
}

inline llm::ChatReply whole(const Codec& codec, const std::string& body,
                            const net::HttpHeaders& headers = {}) {
  auto events = read_invoked({.model = "m", .region = "r", .request_id = "r-1"}, codec, false, body, headers);
  EXPECT_TRUE(events) << events.error().detail;
  return events ? collected(std::move(*events)) : llm::ChatReply();
}

inline llm::ChatReply streamed(const Codec& codec, const std::vector<std::string>& chunks) {
  const std::string bytes = stream_of(chunks);
  Seen seen = decode(codec, bytes, bytes.size());
  EXPECT_TRUE(seen.end) << seen.end.error().detail;
  return seen.end ? collected(std::move(seen.events)) : llm::ChatReply();
}

}  // namespace caprock::providers::bedrock::invoke::testing
