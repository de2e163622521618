#pragma once

#include <string_view>
#include <vector>

#include "providers/bedrock/reply_decoder.h"

namespace caprock::providers::bedrock {

/// A reply of ConverseStream. An end is only what Bedrock sent as one: messageStop and then metadata.
class StreamDecoder final : public ReplyDecoder {
 public:
  using ReplyDecoder::ReplyDecoder;
  bool done() const override { return done_; }
  base::Result<void> finish(std::vector<llm::StreamEvent>& out) override;

 private:
  base::Result<void> take_event(std::string_view type, std::string_view payload,
                                std::vector<llm::StreamEvent>& out) override;
  base::Result<void> check_order(llm::StreamEvent& event);

  bool stopped_ = false;
  bool done_ = false;
};

}  // namespace caprock::providers::bedrock
