#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "net/http_client.h"
#include "providers/bedrock/invoke/codec.h"
#include "providers/bedrock/reply_decoder.h"

namespace caprock::providers::bedrock::invoke {

/// A reply of InvokeModelWithResponseStream, in the words of one family. There is no event for its end: it is
/// whole when the model has said that it stopped and then the figures of the invocation came, or the body
/// ended by itself.
class InvokeDecoder final : public ReplyDecoder {
 public:
  /// `tell_sequence`: the caller asked for the model's own /stop_sequence.
  InvokeDecoder(CallPlace place, const Codec& codec, bool tell_sequence);
  bool done() const override { return done_; }
  base::Result<void> finish(std::vector<llm::StreamEvent>& out) override;

 private:
  base::Result<void> take_event(std::string_view type, std::string_view payload,
                                std::vector<llm::StreamEvent>& out) override;
  base::Result<void> take_chunk(const boost::json::object& chunk);

  const bool tell_sequence_;
  std::unique_ptr<ReplyReader> reader_;
  Reply reply_;
  bool done_ = false;
};

/// A whole reply of InvokeModel as events. Tokens that the body does not count are in the headers. kUpstream
/// for a body that the family does not have.
base::Result<std::vector<llm::StreamEvent>> read_invoked(const CallPlace& place, const Codec& codec,
                                                         bool tell_sequence, std::string_view body,
                                                         const net::HttpHeaders& headers);

}  // namespace caprock::providers::bedrock::invoke
