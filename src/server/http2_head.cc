#include "server/http2_head.h"

#include <algorithm>
#include <cctype>

namespace caprock::server {
namespace {

using base::ErrorKind;

constexpr std::size_t kFieldOverhead = 32;  // RFC 7541 §4.1

base::Error too_large(const char* what, std::size_t limit, const char* setting) {
  return {ErrorKind::kHeadersTooLarge, std::string("the ") + what + " is larger than the " +
                                           std::to_string(limit) + " allowed ([server] " + setting + ")"};
}

base::Error malformed(std::string what) {
  return {ErrorKind::kInvalidArgument, "malformed HTTP request: " + std::move(what)};
}

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

bool Http2Head::add(std::string_view name, std::string_view value, const Limits& limits) {
  size_ += name.size() + value.size() + kFieldOverhead;
  ++count_;
  if (size_ > kBomb * limits.header) return false;
  if (problem_) return true;
  if (size_ > limits.header)
    problem_ = too_large("request's headers", limits.header, "max_header");
  else if (count_ > limits.fields)
    problem_ =
        base::Error(ErrorKind::kHeadersTooLarge, "more than " + std::to_string(limits.fields) + " fields");
  else
    keep(name, value, limits);
  return true;
}

void Http2Head::keep(std::string_view name, std::string_view value, const Limits& limits) {
  if (name == ":method") {
    request_.method = value;
  } else if (name == ":authority") {
    authority_ = value;
  } else if (name == ":path") {
    request_.target = value;
    if (value.size() > limits.target)
      problem_ = too_large("path with its query", limits.target, "max_target");
    else if (value.contains('#'))
      problem_ = malformed("a request target has no fragment");
  } else if (name == "cookie") {  // §8.2.3: it comes in crumbs
    if (!cookies_.empty()) cookies_ += "; ";
    cookies_ += value;
  } else if (!name.starts_with(':')) {
    request_.headers.add(std::string(name), std::string(value));
  }
}

base::Result<Request> Http2Head::take() {
  if (problem_) return base::failure(std::move(*problem_));
  if (request_.method == "CONNECT") return base::failure(malformed("CONNECT: this is no proxy"));
  const std::string host(request_.headers.get("host"));
  if (!authority_.empty() && !host.empty() && !same_text(authority_, host))
    return base::failure(malformed("Host and :authority differ"));
  // Signatures cover "host", whichever way it came.
  if (host.empty()) request_.headers.set("host", authority_);
  request_.authority = authority_.empty() ? host : authority_;
  if (!cookies_.empty()) request_.headers.add("cookie", std::move(cookies_));
  request_.protocol = Protocol::kHttp2;
  return std::move(request_);
}

}  // namespace caprock::server
