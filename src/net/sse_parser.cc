#include "net/sse_parser.h"

#include <algorithm>
#include <charconv>

namespace caprock::net {

base::Result<std::vector<SseEvent>> SseParser::push(std::string_view bytes) {
  std::vector<SseEvent> out;
  while (!bytes.empty()) {
    if (after_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);
    after_cr_ = false;
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    line_.append(bytes.substr(0, end));
    if (line_.size() + data_.size() > limit_)
      return base::failure(
          base::Error(base::ErrorKind::kUpstream, "the event stream has an event above the limit"));
    if (end == bytes.size()) break;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    take_line(out);
  }
  return out;
}

void SseParser::take_line(std::vector<SseEvent>& out) {
  std::string_view line = line_;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  first_line_ = false;
  if (line.empty())
    dispatch(out);
  else if (line.front() != ':') {
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    take_field(line.substr(0, colon), value);
  }
  line_.clear();
}

void SseParser::take_field(std::string_view name, std::string_view value) {
  if (name == "event")
    type_ = value;
  else if (name == "data")
    data_.append(value).push_back('\n');
  else if (name == "id" && value.find('\0') == std::string_view::npos)
    id_ = value;
  else if (name == "retry") {
    std::int64_t ms = 0;
    const char* end = value.data() + value.size();
    const bool digits =
        !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (digits && std::from_chars(value.data(), end, ms).ec == std::errc{})
      retry_ = std::chrono::milliseconds(ms);
  }
}

void SseParser::dispatch(std::vector<SseEvent>& out) {
  if (!data_.empty()) {
    data_.pop_back();
    out.push_back({type_.empty() ? "message" : type_, std::move(data_), id_});
  }
  data_.clear();
  type_.clear();
}

}  // namespace caprock::net
