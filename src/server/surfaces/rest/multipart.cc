#include "server/surfaces/rest/multipart.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/surfaces/rest/multipart_headers.h"

namespace caprock::server::rest {

using base::failure;
using base::invalid_argument;
using base::Result;

namespace {

// RFC 2046 §5.1.1: 1 to 70 of these, not ending in a space.
bool is_boundary(std::string_view text) {
  constexpr std::string_view kMarks = "'()+_,-./:=? ";
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kMarks.contains(c);
  };
  return !text.empty() && text.size() <= 70 && text.back() != ' ' && std::ranges::all_of(text, allowed);
}

}  // namespace

Result<std::string> multipart_boundary(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (type != "multipart/form-data") {
    return failure(
        base::Error(base::ErrorKind::kUnsupportedMediaType,
                    "An upload must be sent as multipart/form-data; its Content-Type is something else.")
            .with_field("Content-Type"));
  }
  auto boundary = header_parameter(content_type, "boundary");
  if (!boundary || boundary->empty()) {
    return failure(invalid_argument("Content-Type", "The Content-Type multipart/form-data has no boundary."));
  }
  if (!is_boundary(*boundary)) {
    return failure(invalid_argument(
        "Content-Type", "The multipart boundary must be 1 to 70 letters, digits and '()+_,-./:=? marks."));
  }
  return std::move(*boundary);
}

MultipartParser::MultipartParser(std::string_view boundary, Limits limits)
    // The first boundary stands at the start of the body without a line end before it: one is put there.
    : delimiter_(fmt::format("\r\n--{}", boundary)), limits_(limits), buffer_("\r\n") {}

Result<void> MultipartParser::feed(std::string_view bytes) {
  buffer_ += bytes;
  while (true) {
    CAPROCK_TRY(const auto next, step());
    if (next == Step::kNeedMore) break;
  }
  drop_consumed();
  return {};
}

Result<std::vector<Part>> MultipartParser::finish() && {
  if (state_ == State::kEpilogue) return std::move(parts_);
  if (parts_.empty() && state_ == State::kPreamble) {
    return failure(invalid_argument("", "The upload does not contain its multipart boundary."));
  }
  return failure(
      invalid_argument("", "The upload ends before its closing multipart boundary: it was cut off."));
}

Result<MultipartParser::Step> MultipartParser::step() {
  switch (state_) {
    case State::kPreamble:
      return preamble();
    case State::kAfterBoundary:
      return after_boundary();
    case State::kHeaders:
      return headers();
    case State::kBody:
      return body();
    case State::kEpilogue:
      buffer_.clear();
      at_ = 0;
      return Step::kNeedMore;
  }
  return Step::kNeedMore;
}

// What comes before the first boundary is ignored; only as much is kept as could begin one.
Result<MultipartParser::Step> MultipartParser::preamble() {
  const auto found = buffer_.find(delimiter_, at_);
  if (found == std::string::npos) {
    const auto have = buffer_.size() - at_;
    at_ += have - std::min(have, delimiter_.size() - 1);
    return Step::kNeedMore;
  }
  at_ = found + delimiter_.size();
  state_ = State::kAfterBoundary;
  return Step::kGoOn;
}

Result<MultipartParser::Step> MultipartParser::after_boundary() {
  constexpr std::size_t kMaxPadding = 256;
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  if (rest.size() < 2) return Step::kNeedMore;
  if (rest.starts_with("--")) {
    state_ = State::kEpilogue;
    return Step::kGoOn;
  }
  const auto end = rest.find_first_not_of(" \t");  // RFC 2046 allows padding here
  if (end == std::string_view::npos || end + 1 >= rest.size()) {
    if (rest.size() < kMaxPadding) return Step::kNeedMore;
  } else if (rest.substr(end, 2) == "\r\n") {
    if (parts_.size() >= limits_.parts) {
      return failure(invalid_argument("", fmt::format("The upload has more than {} parts.", limits_.parts)));
    }
    at_ += end + 2;
    state_ = State::kHeaders;
    return Step::kGoOn;
  }
  return failure(invalid_argument("", "A multipart boundary is followed by neither a line end nor \"--\"."));
}

Result<MultipartParser::Step> MultipartParser::headers() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  // A part without any header begins with the blank line itself.
  const auto end = rest.starts_with("\r\n") ? 0 : rest.find("\r\n\r\n");
  // Without an end, the last three bytes may be the beginning of one.
  const auto have = end == std::string_view::npos ? rest.size() - std::min<std::size_t>(3, rest.size()) : end;
  if (have > limits_.headers) {
    return failure(
        invalid_argument("", fmt::format("The headers of part {} of the upload are above {} bytes.",
                                         parts_.size() + 1, limits_.headers)));
  }
  if (end == std::string_view::npos) return Step::kNeedMore;
  CAPROCK_TRY(auto part, read_part_headers(rest.substr(0, end), parts_.size() + 1));
  at_ += end + (end == 0 ? 2 : 4);
  parts_.push_back(std::move(part));
  // An empty body's delimiter may begin right here: its line end is the one that closed the headers.
  at_ -= 2;
  body_began_ = false;
  state_ = State::kBody;
  return Step::kGoOn;
}

Result<MultipartParser::Step> MultipartParser::body() {
  if (!body_began_) {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    if (rest.size() < delimiter_.size()) return Step::kNeedMore;
    if (!rest.starts_with(delimiter_)) at_ += 2;
    body_began_ = true;
  }
  const auto found = buffer_.find(delimiter_, at_);
  if (found == std::string::npos) {
    // Everything but the bytes that could begin the delimiter belongs to the body.
    const auto have = buffer_.size() - at_;
    if (have > delimiter_.size() - 1) CAPROCK_CHECK(keep(have - (delimiter_.size() - 1)));
    return Step::kNeedMore;
  }
  CAPROCK_CHECK(keep(found - at_));
  at_ += delimiter_.size();
  state_ = State::kAfterBoundary;
  return Step::kGoOn;
}

Result<void> MultipartParser::keep(std::size_t bytes) {
  auto& part = parts_.back();
  if (!part.file_name && part.body.size() + bytes > limits_.field) {
    return failure(invalid_argument(
        part.name, fmt::format("The form field \"{}\" is above {} bytes.", part.name, limits_.field)));
  }
  part.body.append(buffer_, at_, bytes);
  at_ += bytes;
  return {};
}

// Gives the consumed front back once it is worth a move of the rest.
void MultipartParser::drop_consumed() {
  constexpr std::size_t kWorthMoving = 64UL << 10;
  if (at_ < kWorthMoving && at_ < buffer_.size()) return;
  buffer_.erase(0, at_);
  at_ = 0;
}

}  // namespace caprock::server::rest
