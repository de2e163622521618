#pragma once

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "server/exchange.h"
#include "server/test_client.h"

namespace caprock::server {

struct Http2Answer {
  int status = 0;
  bool continued = false;  ///< 100 came first
  Headers headers;
  std::string body;
  bool ended = false;
  std::optional<std::uint32_t> reset;  ///< the code it was closed with, when not whole
};

/// nghttp2 as a client, without a socket. For tests.
class Http2Peer {
 public:
  /// `own_windows`: room is given back by consume_connection() only.
  explicit Http2Peer(bool own_windows = false, std::uint32_t window = 65'535) {
    nghttp2_session_callbacks* on = nullptr;
    nghttp2_session_callbacks_new(&on);
    nghttp2_session_callbacks_set_on_header_callback(on, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(on, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(on, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(on, on_close);
    nghttp2_option* options = nullptr;
    nghttp2_option_new(&options);
    nghttp2_option_set_no_auto_window_update(options, own_windows ? 1 : 0);
    nghttp2_session_client_new2(&session_, on, this, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(on);
    const nghttp2_settings_entry entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &entry, 1);
  }
  ~Http2Peer() { nghttp2_session_del(session_); }
  Http2Peer(const Http2Peer&) = delete;
  Http2Peer& operator=(const Http2Peer&) = delete;

  /// `body`: sent as the server's windows allow; `open`: its end is not sent.
  std::int32_t request(std::string method, std::string target, std::string body = {}, Headers extra = {},
                       bool open = false) {
    Headers fields{{":method", std::move(method)}, {":scheme", "http"}, {":path", std::move(target)}};
    if (!extra.has("host")) fields.add(":authority", "localhost");
    for (const auto& [name, value] : extra.items()) fields.add(name, value);
    std::vector<nghttp2_nv> list;
    for (const auto& [name, value] : fields.items())
      list.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    const bool has_body = open || !body.empty();
    auto& outgoing = outgoing_[nghttp2_session_get_next_stream_id(session_)];
    outgoing = {std::move(body), open};
    const nghttp2_data_provider provider{.source = {.ptr = &outgoing}, .read_callback = read_body};
    return nghttp2_submit_request(session_, nullptr, list.data(), list.size(), has_body ? &provider : nullptr,
                                  nullptr);
  }
  void more_body(std::int32_t id, std::string_view text, bool end) {
    outgoing_[id].first += text;
    outgoing_[id].second = !end;
    nghttp2_session_resume_data(session_, id);
  }
  void reset(std::int32_t id) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }
  void ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }
  /// Gives back room for all streams, but not to the one that used it.
  void consume_connection(std::size_t size) { nghttp2_session_consume_connection(session_, size); }

  void open_window(std::int32_t id, std::int32_t by) {
    nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, id, by);
  }

  std::string output() {
    std::string all;
    const std::uint8_t* data = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &data)) > 0;)
      all.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    return all;
  }
  bool feed(std::string_view text) {
    return nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(text.data()),
                                    text.size()) >= 0;
  }
  Http2Answer& answer(std::int32_t id) { return answers_[id]; }
  std::optional<std::uint32_t> goaway() const { return goaway_; }
  std::int32_t last_taken() const { return last_taken_; }
  int pongs() const { return pongs_; }
  std::uint32_t setting(nghttp2_settings_id id) const {
    return nghttp2_session_get_remote_settings(session_, id);
  }

 private:
  static std::uint8_t* bytes(const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& [text, open] = *static_cast<std::pair<std::string, bool>*>(source->ptr);
    const std::size_t taken = std::min(room, text.size());
    if (taken == 0 && open) return NGHTTP2_ERR_DEFERRED;
    std::ranges::copy(text.substr(0, taken), into);
    text.erase(0, taken);
    if (text.empty() && !open) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(taken);
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* user) {
    Http2Answer& answer = static_cast<Http2Peer*>(user)->answers_[frame->hd.stream_id];
    const std::string key(reinterpret_cast<const char*>(name), name_size);
    const std::string text(reinterpret_cast<const char*>(value), value_size);
    if (key != ":status")
      answer.headers.add(key, text);
    else if (text == "100")
      answer.continued = true;
    else
      answer.status = std::stoi(text);
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) {
    static_cast<Http2Peer*>(user)->answers_[id].body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2Peer*>(user);
    if (frame->hd.type == NGHTTP2_PING) ++self.pongs_;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
      self.goaway_ = frame->goaway.error_code;
      self.last_taken_ = frame->goaway.last_stream_id;
    }
    if ((frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
      self.answers_[frame->hd.stream_id].ended = true;
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    Http2Answer& answer = static_cast<Http2Peer*>(user)->answers_[id];
    if (!answer.ended) answer.reset = code;
    return 0;
  }

  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, std::pair<std::string, bool>> outgoing_;  ///< body left, and whether more may come
  std::map<std::int32_t, Http2Answer> answers_;
  std::optional<std::uint32_t> goaway_;
  std::int32_t last_taken_ = 0;
  int pongs_ = 0;
};

/// The same over a blocking socket.
class Http2TestClient {
 public:
  explicit Http2TestClient(std::uint16_t port, bool own_windows = false, std::uint32_t window = 65'535)
      : peer(own_windows, window), socket_(port) {}

  /// Sends and reads until `done`; false when the connection ended first.
  bool until(const std::function<bool()>& done) {
    while (true) {
      send();
      if (done()) return true;
      const std::string bytes = socket_.some();
      if (bytes.empty() || !peer.feed(bytes)) return false;
    }
  }
  void send() { socket_.send(peer.output()); }
  bool send_raw(std::string_view bytes) { return socket_.send(bytes); }
  /// The whole answer, or what came of it.
  Http2Answer& whole(std::int32_t id) {
    until([&] { return peer.answer(id).ended || peer.answer(id).reset.has_value(); });
    return peer.answer(id);
  }
  Http2Answer& get(std::string target, Headers extra = {}) {
    return whole(peer.request("GET", std::move(target), {}, std::move(extra)));
  }
  /// True when the server ends the connection.
  bool ends() {
    until([] { return false; });
    return !socket_.timed_out();
  }
  void close() { socket_.close(); }

  Http2Peer peer;

 private:
  TestClient socket_;
};

}  // namespace caprock::server
