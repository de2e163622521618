#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "server/allowance.h"
#include "server/exchange.h"
#include "server/http2_stream.h"

namespace caprock::server {

/// The server's side of one HTTP/2 connection (RFC 9113, by nghttp2) as a state machine: the client's bytes
/// go in, streams and our bytes come out. No I/O and no clock of its own.
///
/// What a client could flood us with is bounded here: streams that it breaks off, control frames, heads, the
/// pieces of a head. Body bytes never exceed the window of their stream.
class Http2Session {
 public:
  struct Limits {
    Http2Head::Limits head;
    std::uint32_t streams = 100;
    std::uint32_t window = 64 * 1024;
    std::uint32_t resets = 500;             ///< a minute
    std::uint32_t control_frames = 10'000;  ///< a minute
  };
  /// Why a connection had to end.
  enum class Fault : std::uint8_t { kNone, kProtocol, kResets, kControlFrames, kHeaderBomb };
  static std::string_view name_of(Fault fault);

  /// Told from within the session's calls: it must not call back.
  class Owner {
   public:
    virtual ~Owner() = default;
    /// A stream of the owner's, which stays until it is closed or detached; null refuses it.
    virtual Http2Stream* open(std::int32_t id) = 0;
    /// Its head is complete, bytes came or went, or it was closed.
    virtual void changed(Http2Stream& stream) = 0;
  };

  Http2Session(const Limits& limits, Owner& owner);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  /// Takes all of `bytes`, the client's preface included. After a fault the session is of no use but to
  /// collect() its farewell.
  void feed(std::string_view bytes, base::MonoTime now);
  /// Appends to `out` what is to be sent, until it has `most` bytes (and at most a frame more).
  void collect(std::string& out, std::size_t most);
  /// False once both sides are done, or at a fault.
  bool alive() const;
  Fault fault() const { return fault_; }
  /// The client has introduced itself.
  bool greeted() const { return greeted_; }
  /// Since when a head has been arriving in pieces.
  std::optional<base::MonoTime> head_began() const { return head_began_; }

  void say_continue(const Http2Stream& stream);
  /// The head of the answer; `has_body`: `pending` follows it until `answer_ended`.
  void respond(const Http2Stream& stream, int status, const Headers& headers,
               std::optional<std::uint64_t> content_length, bool has_body);
  /// There is more in `pending`, or it has ended.
  void resume(const Http2Stream& stream);
  /// So much of the body was read: the client may send more.
  void consumed(const Http2Stream& stream, std::size_t bytes);
  /// RST_STREAM, unless it is closed. `code`: RFC 9113 §7.
  void reset(Http2Stream& stream, std::uint32_t code);
  /// The stream is about to go; what still comes for it is dropped.
  void detach(const Http2Stream& stream);

  /// GOAWAY that tells of a later one: new streams are still taken.
  void announce_shutdown();
  /// GOAWAY: new streams are not taken any more.
  void take_no_more();

 private:
  struct Callbacks;
  struct Nghttp2;
  int fail(Fault fault);
  void say_farewell();

  const Limits limits_;
  Owner& owner_;
  std::unique_ptr<Nghttp2> nghttp2_;
  Allowance resets_;
  Allowance control_frames_;
  std::string* out_ = nullptr;  ///< during collect()
  std::size_t most_ = 0;
  std::string farewell_;
  base::MonoTime now_{};
  std::optional<base::MonoTime> head_began_;
  Fault fault_ = Fault::kNone;
  bool greeted_ = false;
};

}  // namespace caprock::server
