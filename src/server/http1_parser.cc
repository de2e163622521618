#include "server/http1_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "net/http_text.h"
#include "server/uri.h"

namespace caprock::server {
namespace {

namespace http = boost::beast::http;
using base::ErrorKind;
using boost::system::error_code;
using BeastView = boost::beast::string_view;

std::string_view view(BeastView text) { return {text.data(), text.size()}; }

base::Error malformed(std::string what) {
  return {ErrorKind::kInvalidArgument, "malformed HTTP request: " + std::move(what)};
}

base::Error head_too_large(const char* what, std::size_t limit, const char* setting) {
  return {ErrorKind::kHeadersTooLarge, std::string("the ") + what + " is larger than the " +
                                           std::to_string(limit) + " allowed ([server] " + setting + ")"};
}

// Beast calls these with each piece that it has recognised.
class Collector : public http::basic_parser<true> {
 public:
  explicit Collector(const Http1Parser::Limits& limits) : limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.header));
    body_limit(boost::none);  // the route's limit is kept by who reads the body
  }

  Request head;
  std::string body;
  std::optional<base::Error> problem;
  std::size_t hosts = 0;
  bool expects_continue = false;
  bool http10 = false;

 protected:
  void on_request_impl(http::verb, BeastView method, BeastView target, int version, error_code& ec) override {
    http10 = version == 10;
    if (target.size() > limits_.target)
      return refuse(head_too_large("path with its query", limits_.target, "max_target"), ec);
    head.method = view(method);
    head.target = view(target);
  }

  void on_field_impl(http::field field, BeastView name, BeastView value, error_code& ec) override {
    if (in_body_) return;  // trailers tell us nothing
    if (head.headers.items().size() == limits_.fields)
      return refuse(
          {ErrorKind::kHeadersTooLarge, "more than " + std::to_string(limits_.fields) + " header fields"},
          ec);
    if (field == http::field::host) {
      ++hosts;
      head.authority = view(value);
    }
    if (field == http::field::transfer_encoding && !net::same_name(view(value), "chunked"))
      return refuse({ErrorKind::kNotImplemented, "no transfer coding but chunked is understood"}, ec);
    if (field == http::field::expect) {
      if (!net::same_name(view(value), "100-continue")) return refuse(malformed("unknown Expect"), ec);
      expects_continue = true;
    }
    head.headers.add(std::string(view(name)), std::string(view(value)));
  }

  void on_header_impl(error_code& ec) override {
    in_body_ = true;
    if (hosts > 1 || (hosts == 0 && !http10))
      return refuse(malformed("exactly one Host header is needed"), ec);
    if (http10 && chunked()) return refuse(malformed("HTTP/1.0 has no chunks"), ec);
    if (auto bad = resolve_target()) return refuse(std::move(*bad), ec);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView bytes, error_code&) override {
    body += view(bytes);
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView bytes, error_code&) override {
    body += view(bytes);
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, BeastView, int, error_code&) override {}

 private:
  void refuse(base::Error why, error_code& ec) {
    problem = std::move(why);
    ec = http::error::bad_value;
  }

  // RFC 9112 §3.2: the target is a path, "*", or a whole URL, whose authority then counts.
  std::optional<base::Error> resolve_target() {
    std::string& target = head.target;
    if (target.contains('#')) return malformed("a request target has no fragment");
    if (target.starts_with('/') || (target == "*" && head.method == "OPTIONS")) return {};
    const auto mark = target.find("://");
    if (mark == std::string::npos) return malformed("the request target is no path");
    const auto path = std::min(target.find_first_of("/?", mark + 3), target.size());
    const auto origin = parse_origin(std::string_view(target).substr(0, path));
    if (!origin || (origin->scheme != "http" && origin->scheme != "https"))
      return malformed("the request target is no http URL");
    head.authority = target.substr(mark + 3, path - mark - 3);
    target.erase(0, path);
    if (!target.starts_with('/')) target.insert(0, 1, '/');
    return {};
  }

  const Http1Parser::Limits& limits_;
  bool in_body_ = false;
};

}  // namespace

class Http1Parser::Impl {
 public:
  std::optional<Collector> collector;
};

Http1Parser::Http1Parser(Limits limits) : limits_(limits), impl_(std::make_unique<Impl>()) { reset(); }
Http1Parser::~Http1Parser() = default;

void Http1Parser::reset() { impl_->collector.emplace(limits_); }

base::Result<std::size_t> Http1Parser::put(std::string_view bytes) {
  Collector& parser = *impl_->collector;
  std::size_t taken = 0;
  if (!parser.got_some() && bytes == "\r") return taken;
  if (!parser.got_some() && bytes.starts_with("\r\n")) {
    taken = 2;  // RFC 9112 §2.2: an empty line before the request line is forgiven
  }
  const bool head_was_done = parser.is_header_done();
  while (taken < bytes.size() && !parser.is_done() && parser.is_header_done() == head_was_done) {
    error_code ec;
    taken += parser.put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), ec);
    if (ec == http::error::need_more) break;
    if (!ec) continue;
    if (parser.problem) return base::failure(std::move(*parser.problem));
    if (ec == http::error::header_limit)
      return base::failure(head_too_large("request line with its headers", limits_.header, "max_header"));
    return base::failure(malformed(ec.message()));
  }
  return taken;
}

bool Http1Parser::head_done() const { return impl_->collector->is_header_done(); }
bool Http1Parser::done() const { return impl_->collector->is_done(); }
Request Http1Parser::take_head() { return std::move(impl_->collector->head); }
bool Http1Parser::keep_alive() const { return impl_->collector->keep_alive(); }
bool Http1Parser::is_http10() const { return impl_->collector->http10; }
bool Http1Parser::expects_continue() const { return impl_->collector->expects_continue; }
bool Http1Parser::has_body_bytes() const { return !impl_->collector->body.empty(); }
std::string Http1Parser::take_body_bytes() { return std::exchange(impl_->collector->body, {}); }

std::optional<std::uint64_t> Http1Parser::body_left() const {
  const Collector& parser = *impl_->collector;
  if (parser.is_done()) return 0;
  if (parser.chunked()) return {};
  const auto left = parser.content_length_remaining();
  return left ? std::optional<std::uint64_t>(*left) : std::nullopt;
}

}  // namespace caprock::server
