#include "quality/report.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

#include "base/utf8.h"

namespace caprock::bench {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%FT%TZ", &utc)};
}

/// 39 as "39", 0.95504 as "0.9550".
std::string number(double value) {
  char text[32];
  const bool whole = value == static_cast<double>(static_cast<long>(value)) && value > 1;
  return {text, static_cast<std::size_t>(std::snprintf(text, sizeof text, whole ? "%.0f" : "%.4f", value))};
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t length = base::count_code_points(text);
  return text + std::string(width > length ? width - length : 0, ' ');
}

}  // namespace

void Report::figure(const std::string& set, const std::string& measure, double value) {
  rows_.push_back({set, measure, value, 0, false});
}
void Report::judged(const std::string& set, const std::string& measure, double value, double goal) {
  rows_.push_back({set, measure, value, goal, true});
}
void Report::note(std::string text) { notes_.push_back(std::move(text)); }

bool Report::met() const { return std::ranges::all_of(rows_, &Row::met); }

void Report::print() const {
  for (const Row& row : rows_) {
    std::printf("%s%s%10s", padded(row.set, 20).c_str(), padded(row.measure, 62).c_str(),
                number(row.value).c_str());
    if (row.judged) std::printf("   goal %s %s", number(row.goal).c_str(), row.met() ? "met" : "NOT MET");
    std::printf("\n");
  }
  for (const std::string& note : notes_) std::printf("%s\n", note.c_str());
}

void Report::print_goals() const {
  std::printf("\n| set | measure | at least | figure | met |\n|---|---|---|---|---|\n");
  for (const Row& row : rows_) {
    if (!row.judged) continue;
    std::printf("| %s | %s | %s | %s | %s |\n", row.set.c_str(), row.measure.c_str(),
                number(row.goal).c_str(), number(row.value).c_str(), row.met() ? "yes" : "NO");
  }
}

boost::json::array Report::rows_as_json() const {
  boost::json::array out;
  for (const Row& row : rows_) {
    boost::json::object one{{"set", row.set}, {"measure", row.measure}, {"figure", row.value}};
    if (row.judged) one["at_least"] = row.goal, one["met"] = row.met();
    out.push_back(std::move(one));
  }
  return out;
}

void Report::write(const std::filesystem::path& file, const std::string& command) const {
  const char* commit = std::getenv("CAPROCK_COMMIT");
  const boost::json::object out{
      {"commit", commit != nullptr ? commit : "unknown"},
      {"machine", processor() + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads"},
      {"command", command},
      {"date", now()},
      {"rows", rows_as_json()},
      {"notes", boost::json::value_from(notes_)}};
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << boost::json::serialize(out) << "\n";
}

}  // namespace caprock::bench
