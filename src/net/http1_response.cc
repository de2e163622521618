#include "net/http1_response.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/http_text.h"

namespace caprock::net {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

// The longest line of a chunk's size with its extensions, which tell us nothing.
constexpr std::size_t kChunkLine = 4096;

Error not_http(std::string what) {
  return Error(ErrorKind::kUpstream, "the answer is not HTTP: " + std::move(what));
}

Error too_large() { return {ErrorKind::kPayloadTooLarge, "the answer is larger than allowed"}; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool lists(std::string_view value, std::string_view word) {
  while (true) {
    const auto comma = value.find(',');
    if (same_name(trimmed(value.substr(0, comma)), word)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

// A line that ended in LF, without its CR.
std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Where the blank line is that ends a head: the bytes with it, 0 for nowhere yet.
std::size_t end_of_head(std::string_view input) {
  for (auto at = input.find('\n'); at != std::string_view::npos; at = input.find('\n', at + 1)) {
    const std::string_view next = input.substr(at + 1);
    if (next.starts_with('\n')) return at + 2;
    if (next.starts_with("\r\n")) return at + 3;
  }
  return 0;
}

}  // namespace

void Http1Response::begin(bool to_head, Limits limits) {
  *this = Http1Response();
  to_head_ = to_head;
  limits_ = limits;
}

Result<std::size_t> Http1Response::put_head(std::string_view input) {
  std::size_t taken = 0;
  while (!head_done()) {
    const std::size_t size = end_of_head(input.substr(taken, limits_.head));
    if (size == 0) {
      if (input.size() - taken >= limits_.head) return failure(not_http("its head is too large"));
      break;
    }
    CAPROCK_CHECK(read_head(input.substr(taken, size)));
    taken += size;
    if (head_.status / 100 == 1 && head_.status != 101) {
      begin(to_head_, limits_);  // interim: the one that was asked for comes behind it
      continue;
    }
    CAPROCK_CHECK(frame_body());
  }
  return taken;
}

Result<void> Http1Response::read_head(std::string_view lines) {
  bool first = true;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const std::string_view line = without_cr(lines.substr(0, end));
    lines.remove_prefix(end + 1);
    if (line.empty() && !first) break;
    CAPROCK_CHECK(first ? read_status(line) : read_field(line));
    first = false;
  }
  return {};
}

// "HTTP/1.1 200 OK"; the words behind the number mean nothing and may be missing.
Result<void> Http1Response::read_status(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.";
  const bool right = line.size() >= 12 && line.starts_with(kVersion) && (line[7] == '0' || line[7] == '1') &&
                     line[8] == ' ' && (line.size() == 12 || line[12] == ' ');
  if (!right) return failure(not_http("its first line is no status"));
  http10_ = line[7] == '0';
  const auto [end, ec] = std::from_chars(line.data() + 9, line.data() + 12, head_.status);
  if (ec != std::errc() || end != line.data() + 12 || head_.status < 100)
    return failure(not_http("its status is no number"));
  return {};
}

Result<void> Http1Response::read_field(std::string_view line) {
  const auto colon = line.find(':');
  // A name that blanks follow, or a line that goes on, is read differently by different readers (RFC 9112
  // §5).
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return failure(not_http("a header has no name"));
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!is_field_value(value)) return failure(not_http("a header has a control character"));
  if (same_name(name, "content-length")) {
    CAPROCK_CHECK(note_length(value));
  } else if (same_name(name, "transfer-encoding")) {
    if (chunked_ || !same_name(value, "chunked"))
      return failure(not_http("no transfer coding but chunked is understood"));
    chunked_ = true;
  } else if (same_name(name, "connection")) {
    says_close_ = says_close_ || lists(value, "close");
    says_keep_alive_ = says_keep_alive_ || lists(value, "keep-alive");
  }
  head_.headers.emplace_back(name, value);
  return {};
}

Result<void> Http1Response::note_length(std::string_view value) {
  std::uint64_t length = 0;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (ec != std::errc() || end != value.data() + value.size() || value.empty())
    return failure(not_http("its length is no number"));
  if (has_length_ && length != left_) return failure(not_http("it has two lengths"));
  has_length_ = true;
  left_ = length;
  return {};
}

// RFC 9112 §6.3
Result<void> Http1Response::frame_body() {
  keep_alive_ = !says_close_ && (!http10_ || says_keep_alive_);
  const bool bodiless = to_head_ || head_.status / 100 == 1 || head_.status == 204 || head_.status == 304;
  if (bodiless) {
    state_ = State::kDone;
  } else if (chunked_) {
    if (has_length_) keep_alive_ = false;  // somebody on the way may have read it as the length says
    state_ = State::kChunkSize;
  } else if (has_length_) {
    CAPROCK_CHECK(count(left_));
    state_ = left_ == 0 ? State::kDone : State::kLength;
  } else {
    keep_alive_ = false;
    state_ = State::kToEnd;
  }
  return {};
}

Result<void> Http1Response::count(std::uint64_t bytes) {
  if (bytes > limits_.body - body_so_far_) return failure(too_large());
  body_so_far_ += bytes;
  return {};
}

Result<std::size_t> Http1Response::put_body(std::string_view input, std::string& out) {
  std::size_t taken = 0;
  while (taken < input.size() && !done()) {
    const std::string_view rest = input.substr(taken);
    std::size_t used = 0;
    switch (state_) {
      case State::kToEnd:
        CAPROCK_CHECK(count(rest.size()));
        out += rest;
        used = rest.size();
        break;
      case State::kLength:
      case State::kChunk:
        used = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
        out += rest.substr(0, used);
        left_ -= used;
        if (left_ == 0) state_ = state_ == State::kLength ? State::kDone : State::kChunkEnd;
        break;
      case State::kChunkEnd: {
        const std::size_t size = rest.starts_with('\n') ? 1 : 2;
        if (rest.size() < size && rest == "\r") return taken;
        if (size == 2 && !rest.starts_with("\r\n"))
          return failure(not_http("a chunk is longer than it says"));
        used = size;
        state_ = State::kChunkSize;
        break;
      }
      case State::kChunkSize: {
        CAPROCK_TRY(used, put_chunk_size(rest));
        break;
      }
      default: {
        CAPROCK_TRY(used, put_trailer(rest));
        break;
      }
    }
    if (used == 0) break;
    taken += used;
  }
  return taken;
}

Result<std::size_t> Http1Response::put_chunk_size(std::string_view input) {
  const auto end = input.substr(0, kChunkLine).find('\n');
  if (end == std::string_view::npos) {
    if (input.size() >= kChunkLine) return failure(not_http("a chunk has no size"));
    return 0;
  }
  const std::string_view line = without_cr(input.substr(0, end));
  const auto [stop, ec] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
  const std::string_view behind = trimmed(line.substr(static_cast<std::size_t>(stop - line.data())));
  if (ec != std::errc() || (!behind.empty() && !behind.starts_with(';')))
    return failure(not_http("a chunk has no size"));
  CAPROCK_CHECK(count(left_));
  state_ = left_ == 0 ? State::kTrailer : State::kChunk;
  return end + 1;
}

// Trailers tell us nothing.
Result<std::size_t> Http1Response::put_trailer(std::string_view input) {
  const auto end = input.find('\n');
  trailer_so_far_ += end == std::string_view::npos ? 0 : end + 1;
  if (trailer_so_far_ > limits_.head || (end == std::string_view::npos && input.size() >= limits_.head))
    return failure(not_http("its trailers are too large"));
  if (end == std::string_view::npos) return 0;
  if (without_cr(input.substr(0, end)).empty()) state_ = State::kDone;
  return end + 1;
}

Result<void> Http1Response::end() {
  if (state_ == State::kToEnd) state_ = State::kDone;
  if (done()) return {};
  return failure(Error(ErrorKind::kUpstream, "the answer broke off"));
}

}  // namespace caprock::net
