#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/event_frames.h"
#include "base/result.h"
#include "llm/native_model.h"
#include "net/http_client.h"
#include "providers/bedrock/errors.h"

namespace caprock::providers::bedrock {

/// Looks at an answer that passes through, as little as will do: how many tokens it says it cost, and whether
/// it came to its end. Of a stream the last message of each piece is decoded, of a body its last bytes are
/// kept. Pure; one thread at a time.
class NativeMeter {
 public:
  NativeMeter(llm::NativeOperation operation, CallPlace place, int status, const net::HttpHeaders& headers);

  /// The next bytes of the body.
  void push(std::string_view bytes);
  /// The body has ended. kUpstream when HTTP says so and the stream does not: in the middle of a message, or
  /// before its last event; and for an error that is disguised as success.
  base::Result<void> finish();

  bool is_stream() const { return stream_; }
  bool between_events() const { return frames_.between(); }
  /// Of the bytes of a stream: those at the end whose message is not whole, or is none at all.
  std::size_t open_bytes() const { return frames_.open(); }
  bool is_damaged() const { return frames_.fault().has_value(); }
  /// An exception that was in the stream.
  const std::optional<base::Error>& error() const { return error_; }
  const llm::StreamMetadata& metadata() const { return metadata_; }

 private:
  void look_at(std::string_view message);
  void keep_tail(std::string_view bytes);
  void read_body();
  void read_last_chunk();
  void read_counts(const net::HttpHeaders& headers);
  bool must_say_its_end() const;

  const llm::NativeOperation operation_;
  const CallPlace place_;
  const int status_;
  bool stream_;
  bool ended_ = false;  ///< the stream's last event has passed
  aws::EventFrames frames_;
  aws::EventDecoder decoder_;
  std::string tail_;  ///< of the body, or the last chunk of a stream
  llm::StreamMetadata metadata_;
  std::optional<base::Error> error_;
};

}  // namespace caprock::providers::bedrock
