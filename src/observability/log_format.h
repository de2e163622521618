#pragma once

#include <string>

#include "base/clock.h"
#include "base/log.h"

namespace caprock::observability {

/// `{"ts":"2026-01-31T09:15:00.123Z","level":"info","msg":…,"request_id":…,"trace_id":…,"span_id":…,"tenant":…,"user":…,
/// <fields>}` without a newline. Ids only inside a request; fields with an empty text are left out; malformed
/// UTF-8 is replaced, so the line is always valid JSON.
std::string format_json_line(const base::LogRecord& record, base::WallTime at);

/// `09:15:00.123 warn  message  key=value …  (request_id)` for people, with control characters shown as
/// escapes.
std::string format_pretty_line(const base::LogRecord& record, base::WallTime at, bool colour);

/// RFC 3339 in UTC with milliseconds.
std::string rfc3339(base::WallTime at);

}  // namespace caprock::observability
