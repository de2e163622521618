#include "server/http1_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "net/http_text.h"

namespace caprock::server {
namespace {

bool frames_the_message(std::string_view name) {
  constexpr std::array<std::string_view, 5> kOurs{"content-length", "transfer-encoding", "connection", "date",
                                                  "keep-alive"};
  return std::ranges::any_of(kOurs, [&](std::string_view own) { return net::same_name(name, own); });
}

void append_value(std::string& out, std::string_view value) {
  const std::size_t begin = out.size();
  out += value;
  constexpr std::string_view kBreaks("\r\n\0", 3);
  for (auto at = out.find_first_of(kBreaks, begin); at != std::string::npos;
       at = out.find_first_of(kBreaks, at))
    out[at] = ' ';
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  append_value(out, value);
  out += "\r\n";
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "-";
  }
}

void append_head(std::string& out, int status, const Headers& headers, const Http1Framing& framing,
                 std::string_view date) {
  std::array<char, 24> digits{};
  const auto number = [&](std::uint64_t n) {
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
    return std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
  };
  out += "HTTP/1.1 ";
  out += number(static_cast<std::uint64_t>(status));
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
  append_field(out, "date", date);
  for (const auto& [name, value] : headers.items())
    if (!frames_the_message(name)) append_field(out, name, value);
  if (framing.content_length) append_field(out, "content-length", number(*framing.content_length));
  if (framing.chunked) append_field(out, "transfer-encoding", "chunked");
  if (framing.close)
    append_field(out, "connection", "close");
  else if (framing.keep_alive)
    append_field(out, "connection", "keep-alive");
  out += "\r\n";
}

void append_chunk(std::string& out, std::string_view bytes) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
  out.append(digits.data(), end);
  out += "\r\n";
  out += bytes;
  out += "\r\n";
}

std::string http_date(base::WallTime at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 40> text{};
  // Not strftime: its names would follow the locale.
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                utc.tm_sec);
  return text.data();
}

std::string_view http_date_now() {
  thread_local std::time_t made = -1;
  thread_local std::string text;
  const auto now = std::chrono::system_clock::now();
  if (const std::time_t second = std::chrono::system_clock::to_time_t(now); second != made) {
    made = second;
    text = http_date(now);
  }
  return text;
}

}  // namespace caprock::server
