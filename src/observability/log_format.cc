#include "observability/log_format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

#include "base/utf8.h"

namespace caprock::observability {
namespace {

using base::LogField;
using base::LogLevel;
using base::LogRecord;
using Buffer = fmt::memory_buffer;

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warn", "error"};
// SGR colours: grey, none, yellow, red.
constexpr std::array<std::string_view, 4> kColours{"\x1b[90m", "", "\x1b[33m", "\x1b[31m"};

void put(Buffer& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

/// JSON string content (RFC 8259 §7), which also makes any text harmless on a terminal.
void put_escaped(Buffer& out, std::string_view text) {
  std::string repaired;
  if (!base::is_valid_utf8(text)) text = repaired = base::repair_utf8(text);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      put(out, std::string_view(c == '"' ? "\\\"" : "\\\\"));
    else if (c == '\n')
      put(out, "\\n");
    else if (byte < 0x20 || byte == 0x7f)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    else
      out.push_back(c);
  }
}

void put_pair(Buffer& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  put(out, ",\"");
  put_escaped(out, key);
  put(out, "\":\"");
  put_escaped(out, text);
  out.push_back('"');
}

/// A JSON number, or null for what JSON cannot say.
void put_number(Buffer& out, double value) {
  if (std::isfinite(value))
    fmt::format_to(std::back_inserter(out), "{}", value);
  else
    put(out, "null");
}

struct PutValue {
  Buffer& out;
  void operator()(std::string_view v) const {
    out.push_back('"');
    put_escaped(out, v);
    out.push_back('"');
  }
  void operator()(std::int64_t v) const { fmt::format_to(std::back_inserter(out), "{}", v); }
  void operator()(double v) const { put_number(out, v); }
  void operator()(bool v) const { put(out, v ? "true" : "false"); }
};

bool is_empty(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && text->empty();
}

void put_context(Buffer& out, const base::RequestContext& context) {
  put_pair(out, "request_id", context.request_id.str());
  put_pair(out, "trace_id", context.trace.trace_id);
  put_pair(out, "span_id", context.trace.span_id);
  put_pair(out, "tenant", context.principal.tenant.str());
  put_pair(out, "user", context.principal.user);
}

std::tm utc(base::WallTime at) { return fmt::gmtime(std::chrono::system_clock::to_time_t(at)); }

long long milliseconds_of(base::WallTime at) {
  return (std::chrono::floor<std::chrono::milliseconds>(at) - std::chrono::floor<std::chrono::seconds>(at))
      .count();
}

std::size_t index_of(LogLevel level) { return static_cast<std::size_t>(level); }

}  // namespace

std::string rfc3339(base::WallTime at) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc(std::chrono::floor<std::chrono::seconds>(at)),
                     milliseconds_of(at));
}

std::string format_json_line(const LogRecord& record, base::WallTime at) {
  Buffer out;
  fmt::format_to(std::back_inserter(out), "{{\"ts\":\"{}\",\"level\":\"{}\",\"msg\":\"", rfc3339(at),
                 kLevels[index_of(record.level)]);
  put_escaped(out, record.message);
  out.push_back('"');
  if (record.context != nullptr) put_context(out, *record.context);
  for (const LogField& field : record.fields) {
    if (is_empty(field)) continue;
    put(out, ",\"");
    put_escaped(out, field.key);
    put(out, "\":");
    std::visit(PutValue{out}, field.value);
  }
  out.push_back('}');
  return fmt::to_string(out);
}

std::string format_pretty_line(const LogRecord& record, base::WallTime at, bool colour) {
  Buffer out;
  const std::string_view tint = colour ? kColours[index_of(record.level)] : std::string_view();
  fmt::format_to(std::back_inserter(out), "{:%H:%M:%S}.{:03} {}{:<5}{} ",
                 utc(std::chrono::floor<std::chrono::seconds>(at)), milliseconds_of(at), tint,
                 kLevels[index_of(record.level)], tint.empty() ? "" : "\x1b[0m");
  put_escaped(out, record.message);
  for (const LogField& field : record.fields) {
    if (is_empty(field)) continue;
    fmt::format_to(std::back_inserter(out), "  {}=", field.key);
    std::visit(PutValue{out}, field.value);
  }
  if (record.context != nullptr && !record.context->request_id.empty()) {
    put(out, "  (");
    put_escaped(out, record.context->request_id.str());
    put(out, ")");
  }
  return fmt::to_string(out);
}

}  // namespace caprock::observability
