#include "base/log.h"

#include <cstdio>

namespace caprock::base {
namespace {

std::function<void(const LogRecord&)>& sink() {
  static std::function<void(const LogRecord&)> installed = [](const LogRecord& record) {
    if (record.level >= LogLevel::kWarn)
      std::fprintf(stderr, "%.*s\n", static_cast<int>(record.message.size()), record.message.data());
  };
  return installed;
}

}  // namespace

void set_log_sink(std::function<void(const LogRecord&)> installed) { sink() = std::move(installed); }

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  sink()({level, message, nullptr, fields});
}

void log(const RequestContext& context, LogLevel level, std::string_view message,
         std::initializer_list<LogField> fields) {
  sink()({level, message, &context, fields});
}

void log_error(const RequestContext& context, std::string_view message, const Error& error) {
  const ErrorTraits& row = traits(error.kind);
  log(context, row.level, message,
      {{"error", row.name},
       {"reason", error.message},
       {"field", error.field},
       {"detail", error.detail},
       {"component", error.origin.component},
       {"upstream_status", error.origin.status}});
}

}  // namespace caprock::base
