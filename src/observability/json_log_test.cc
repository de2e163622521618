#include "observability/json_log.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdio>
#include <limits>
#include <sstream>
#include <thread>
#include <vector>

#include "observability/log_format.h"

namespace caprock::observability {
namespace {

namespace json = boost::json;
using base::LogLevel;
using testing::HasSubstr;
using testing::Not;

// 2026-01-31T09:15:00.123Z
const base::WallTime kNow{std::chrono::milliseconds(1769850900123)};

base::RequestContext sample_context() {
  base::RequestContext context;
  context.request_id = base::RequestId("req-1");
  context.trace.trace_id = "0af7651916cd43dd8448eb211c80319c";
  context.trace.span_id = "b7ad6b7169203331";
  context.principal.user = "ann";
  return context;
}

TEST(JsonLine, InsideARequest_CarriesIdsAndFields) {
  const base::RequestContext context = sample_context();
  const std::string line = format_json_line(
      {LogLevel::kWarn, "slow", &context, {{"ms", 1250}, {"ratio", 0.5}, {"ok", false}, {"none", ""}}}, kNow);
  EXPECT_EQ(
      line,
      R"({"ts":"2026-01-31T09:15:00.123Z","level":"warn","msg":"slow","request_id":"req-1",)"
      R"("trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","tenant":"default",)"
      R"("user":"ann","ms":1250,"ratio":0.5,"ok":false})");
}

TEST(JsonLine, HostileText_StaysOneValidLine) {
  const std::string hostile = "a\"b\\\n\x01\x1b[31m\xff\xc3";
  const std::string line = format_json_line(
      {LogLevel::kInfo, hostile, nullptr, {{"nan", std::numeric_limits<double>::quiet_NaN()}}}, kNow);
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  const json::value parsed = json::parse(line);
  EXPECT_EQ(parsed.at("msg").as_string(), "a\"b\\\n\x01\x1b[31m\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_TRUE(parsed.at("nan").is_null());
  EXPECT_FALSE(parsed.as_object().contains("tenant"));
}

TEST(PrettyLine, ForATerminal_HasNoControlCharactersOfTheMessage) {
  const base::RequestContext context = sample_context();
  const std::string line =
      format_pretty_line({LogLevel::kError, "bad \x1b[2J", &context, {{"n", 3}}}, kNow, false);
  EXPECT_EQ(line, "09:15:00.123 error bad \\u001b[2J  n=3  (req-1)");
}

/// stderr into a file for as long as it lives.
class CapturedStderr {
 public:
  CapturedStderr() : saved_(::dup(STDERR_FILENO)), file_(std::tmpfile()) {
    ::dup2(::fileno(file_), STDERR_FILENO);
  }
  ~CapturedStderr() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    std::fclose(file_);
  }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;
  std::vector<std::string> lines() {
    std::string text;
    std::rewind(file_);
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) text += static_cast<char>(c);
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }

 private:
  int saved_;
  std::FILE* file_;
};

TEST(ProcessLog, ManyThreads_WriteWholeLinesAtOrAboveTheLevel) {
  CapturedStderr captured;
  {
    const ProcessLog log(LogSettings{.level = "info", .format = "json"});
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < 100; ++i) {
          base::log(LogLevel::kInfo, "line", {{"thread", t}, {"i", i}});
          base::log(LogLevel::kDebug, "not written");
        }
      });
    threads.clear();
    EXPECT_EQ(log.dropped(), 0U);
  }
  const std::vector<std::string> lines = captured.lines();
  EXPECT_EQ(lines.size(), 400U);
  for (const std::string& line : lines) EXPECT_EQ(json::parse(line).at("msg").as_string(), "line");
}

TEST(ProcessLog, LevelChanged_TakesEffectAtOnce) {
  CapturedStderr captured;
  {
    ProcessLog log(LogSettings{.level = "error", .format = "json"});
    base::log(LogLevel::kInfo, "one");
    log.set_level("debug");
    base::log(LogLevel::kDebug, "two");
  }
  EXPECT_THAT(captured.lines(), testing::ElementsAre(HasSubstr("two")));
}

TEST(ProcessLog, SecretIsNotAField) {
  static_assert(!std::is_constructible_v<base::LogField, std::string_view, base::Secret>);
}

}  // namespace
}  // namespace caprock::observability
