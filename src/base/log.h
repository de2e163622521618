#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/context.h"
#include "base/error.h"

namespace caprock::base {

/// One `"key": value` of a log line. Views are only read during the call.
struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, double, bool>;
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  template <class N>
    requires(std::is_integral_v<N> && !std::is_same_v<N, bool>)
  LogField(std::string_view k, N v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  std::string_view key;
  Value value;
};

struct LogRecord {
  LogLevel level;
  std::string_view message;
  const RequestContext* context;  ///< null outside a request
  std::initializer_list<LogField> fields;
};

/// Writes a line to the process's log: JSON lines on stderr once observability/ has installed its sink, plain
/// text before. Any thread. Never throws; secrets cannot be passed by type.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
void log(const RequestContext& context, LogLevel level, std::string_view message,
         std::initializer_list<LogField> fields = {});
/// Logs an error at the level its kind has, with kind, field, detail and origin.
void log_error(const RequestContext& context, std::string_view message, const Error& error);

/// Replaces where lines go; call it at start, before there are other threads.
void set_log_sink(std::function<void(const LogRecord&)> sink);

}  // namespace caprock::base
