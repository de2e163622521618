#include "server/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <array>
#include <stdexcept>

#include "server/http1_writer.h"
#include "server/http2_fields.h"

namespace caprock::server {
namespace {

constexpr std::uint32_t kConnectionWindow = 1024 * 1024;
constexpr std::size_t kFrame = 16 * 1024UL;  // what a client may send in one, RFC 9113 §6.5.2

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// A client acknowledges what it reads by up to two of these for each DATA frame of ours.
constexpr double kUpdatesPerData = 2;

bool is_control(const nghttp2_frame_hd& head) {
  switch (head.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_CONTINUATION:
      return false;
    case NGHTTP2_DATA:
      return head.length == 0 && (head.flags & NGHTTP2_FLAG_END_STREAM) == 0;
    default:
      return true;
  }
}

}  // namespace

struct Http2Session::Nghttp2 {
  nghttp2_session* session = nullptr;
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* options = nullptr;
  ~Nghttp2() {
    nghttp2_session_del(session);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(callbacks);
  }
};

// What nghttp2 calls. A fault ends nghttp2's part: the farewell is then ours to write.
struct Http2Session::Callbacks {
  static Http2Stream* stream_of(nghttp2_session* session, std::int32_t id) {
    return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    if (head->type != NGHTTP2_CONTINUATION) self.head_began_.reset();
    if (is_control(*head) && !self.control_frames_.spend(self.now_)) return self.fail(Fault::kControlFrames);
    return 0;
  }

  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    self.head_began_ = self.now_;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    const std::int32_t id = frame->hd.stream_id;
    if (Http2Stream* const stream = self.owner_.open(id)) {
      nghttp2_session_set_stream_user_data(session, id, stream);
      return 0;
    }
    if (!self.resets_.spend(self.now_)) return self.fail(Fault::kResets);
    return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
  }

  // Also of trailers, which tell us nothing, but can be bombs as well.
  static int header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                    void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    Http2Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    bool fits = true;
    if (stream->head_done)
      fits = (stream->trailers += name_size + value_size) <= Http2Head::kBomb * self.limits_.head.header;
    else
      fits = stream->head.add(view(name, name_size), view(value, value_size), self.limits_.head);
    return fits ? 0 : self.fail(Fault::kHeaderBomb);
  }

  static int invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t,
                            const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // malformed (RFC 9113 §8.2.1), and not to be guessed at
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    if (frame->hd.type == NGHTTP2_SETTINGS) self.greeted_ = true;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    self.head_began_.reset();
    Http2Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (frame->hd.type == NGHTTP2_HEADERS) stream->head_done = true;
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) stream->body_ended = true;
    self.owner_.changed(*stream);
    return 0;
  }

  static int data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                  std::size_t size, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    Http2Stream* const stream = stream_of(session, id);
    if (stream == nullptr) return nghttp2_session_consume(session, id, size);
    // Only the stream's window waits for its reader: others go on beside it.
    if (const int failed = nghttp2_session_consume_connection(session, size)) return failed;
    stream->body += view(bytes, size);
    stream->received += size;
    self.owner_.changed(*stream);
    return 0;
  }

  static int closed(nghttp2_session* session, std::int32_t id, std::uint32_t, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    Http2Stream* const stream = stream_of(session, id);
    if (stream == nullptr) return 0;
    const bool broken_off = !stream->dropped && !(stream->answer_sent && stream->body_ended);
    stream->closed = true;
    self.owner_.changed(*stream);
    return broken_off && !self.resets_.spend(self.now_) ? self.fail(Fault::kResets) : 0;
  }

  static int sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR &&
        self.fault_ == Fault::kNone)
      self.fault_ = Fault::kProtocol;
    if (frame->hd.type != NGHTTP2_HEADERS || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    Http2Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->answer_sent = true;
    self.owner_.changed(*stream);
    return 0;
  }

  // How much of `pending` the next DATA frame takes.
  static ssize_t measure(nghttp2_session* session, std::int32_t id, std::uint8_t*, std::size_t size,
                         std::uint32_t* flags, nghttp2_data_source*, void*) {
    const Http2Stream* const stream = stream_of(session, id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t taken = std::min(size, stream->unsent());
    if (taken == 0 && !stream->answer_ended) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (stream->answer_ended && taken == stream->unsent()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(taken);
  }

  static int send_data(nghttp2_session* session, nghttp2_frame* frame, const std::uint8_t* head,
                       std::size_t size, nghttp2_data_source*, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    if (self.out_->size() >= self.most_) return NGHTTP2_ERR_WOULDBLOCK;
    Http2Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    self.out_->append(view(head, 9));
    self.out_->append(stream->pending, stream->sent, size);
    stream->sent += size;
    stream->answered += size;
    if (stream->unsent() == 0) stream->forget_sent();
    self.control_frames_.give(kUpdatesPerData);
    stream->answer_sent = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    self.owner_.changed(*stream);
    return 0;
  }
};

std::string_view Http2Session::name_of(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "none";
    case Fault::kProtocol:
      return "protocol";
    case Fault::kResets:
      return "resets";
    case Fault::kControlFrames:
      return "control_frames";
    case Fault::kHeaderBomb:
      return "header_bomb";
  }
  return "none";
}

Http2Session::Http2Session(const Limits& limits, Owner& owner)
    : limits_(limits),
      owner_(owner),
      nghttp2_(std::make_unique<Nghttp2>()),
      resets_(limits.resets),
      control_frames_(limits.control_frames) {
  if (nghttp2_session_callbacks_new(&nghttp2_->callbacks) != 0 || nghttp2_option_new(&nghttp2_->options) != 0)
    throw std::bad_alloc();
  nghttp2_session_callbacks* const on = nghttp2_->callbacks;
  nghttp2_session_callbacks_set_on_begin_frame_callback(on, Callbacks::begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(on, Callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(on, Callbacks::header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(on, Callbacks::invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(on, Callbacks::frame_received);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(on, Callbacks::data);
  nghttp2_session_callbacks_set_on_stream_close_callback(on, Callbacks::closed);
  nghttp2_session_callbacks_set_on_frame_send_callback(on, Callbacks::sent);
  nghttp2_session_callbacks_set_send_data_callback(on, Callbacks::send_data);
  nghttp2_option* const options = nghttp2_->options;
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_no_closed_streams(options, 1);
  nghttp2_option_set_max_outbound_ack(options, 200);
  nghttp2_option_set_max_continuations(options, Http2Head::kBomb * limits.head.header / kFrame + 1);
  // Ours counts first, and more than RST_STREAM.
  nghttp2_option_set_stream_reset_rate_limit(options, 2UL * limits.resets, limits.resets / 30 + 1);
  if (nghttp2_session_server_new2(&nghttp2_->session, on, this, options) != 0) throw std::bad_alloc();

  const std::array settings{
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.window},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
                             static_cast<std::uint32_t>(limits.head.header)},
      // The tree of priorities of RFC 7540 is work that a client could make for us.
      nghttp2_settings_entry{NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  nghttp2_submit_settings(nghttp2_->session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(nghttp2_->session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Http2Session::~Http2Session() = default;

int Http2Session::fail(Fault fault) {
  if (fault_ == Fault::kNone) fault_ = fault;
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

// GOAWAY (RFC 9113 §6.8), by hand: after a failed callback nghttp2 may only be deleted.
void Http2Session::say_farewell() {
  if (!farewell_.empty()) return;
  const auto number = [this](std::uint32_t n) {
    for (const int shift : {24, 16, 8, 0}) farewell_ += static_cast<char>((n >> shift) & 0xFFU);
  };
  farewell_.assign({0, 0, 8, NGHTTP2_GOAWAY, 0});
  number(0);
  number(static_cast<std::uint32_t>(nghttp2_session_get_last_proc_stream_id(nghttp2_->session)));
  number(fault_ == Fault::kProtocol ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_ENHANCE_YOUR_CALM);
}

void Http2Session::feed(std::string_view bytes, base::MonoTime now) {
  now_ = now;
  if (!farewell_.empty()) return;
  const ssize_t taken = nghttp2_session_mem_recv(
      nghttp2_->session, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken >= 0) return;
  fail(taken == NGHTTP2_ERR_FLOODED ? Fault::kControlFrames : Fault::kProtocol);
  say_farewell();
}

void Http2Session::collect(std::string& out, std::size_t most) {
  out_ = &out;
  most_ = most;
  while (farewell_.empty() && out.size() < most) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(nghttp2_->session, &bytes);
    if (size == 0) break;
    if (size > 0) {
      out.append(view(bytes, static_cast<std::size_t>(size)));
    } else {
      fail(Fault::kProtocol);
      say_farewell();
    }
  }
  out_ = nullptr;
  if (farewell_.size() > 1) out += std::exchange(farewell_, " ");  // once; from now on it is said
}

bool Http2Session::alive() const {
  return farewell_.empty() && (nghttp2_session_want_read(nghttp2_->session) != 0 ||
                               nghttp2_session_want_write(nghttp2_->session) != 0);
}

void Http2Session::say_continue(const Http2Stream& stream) {
  if (stream.closed) return;
  const Http2Fields fields(100);
  nghttp2_submit_headers(nghttp2_->session, NGHTTP2_FLAG_NONE, stream.id, nullptr, fields.data(),
                         fields.size(), nullptr);
}

void Http2Session::respond(const Http2Stream& stream, int status, const Headers& headers,
                           std::optional<std::uint64_t> content_length, bool has_body) {
  if (stream.closed) return;
  const Http2Fields fields(status, headers, content_length, http_date_now());
  const nghttp2_data_provider source{.source = {}, .read_callback = Callbacks::measure};
  nghttp2_submit_response(nghttp2_->session, stream.id, fields.data(), fields.size(),
                          has_body ? &source : nullptr);
}

void Http2Session::resume(const Http2Stream& stream) {
  if (!stream.closed) nghttp2_session_resume_data(nghttp2_->session, stream.id);
}

void Http2Session::consumed(const Http2Stream& stream, std::size_t bytes) {
  if (!stream.closed) nghttp2_session_consume_stream(nghttp2_->session, stream.id, bytes);
}

void Http2Session::reset(Http2Stream& stream, std::uint32_t code) {
  if (stream.closed || std::exchange(stream.dropped, true)) return;
  nghttp2_submit_rst_stream(nghttp2_->session, NGHTTP2_FLAG_NONE, stream.id, code);
}

void Http2Session::detach(const Http2Stream& stream) {
  if (!stream.closed) nghttp2_session_set_stream_user_data(nghttp2_->session, stream.id, nullptr);
}

void Http2Session::announce_shutdown() { nghttp2_submit_shutdown_notice(nghttp2_->session); }

void Http2Session::take_no_more() {
  nghttp2_submit_goaway(nghttp2_->session, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(nghttp2_->session), NGHTTP2_NO_ERROR, nullptr,
                        0);
}

}  // namespace caprock::server
