#include "quality/report.h"

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

namespace caprock::bench {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%FT%TZ", &utc)};
}

}  // namespace

void Report::print() const {
  std::printf("%-32s", set_.c_str());
  for (const auto& column : columns_) std::printf("%12s", column.c_str());
  std::printf("\n");
  for (const auto& [row, values] : rows_) {
    std::printf("%-32s", row.c_str());
    for (const double value : values) std::printf("%12.4f", value);
    std::printf("\n");
  }
  for (const auto& note : notes_) std::printf("%s\n", note.c_str());
}

void Report::write(const std::filesystem::path& file, const std::string& command) const {
  const char* commit = std::getenv("CAPROCK_COMMIT");
  boost::json::object out{
      {"set", set_},
      {"commit", commit != nullptr ? commit : "unknown"},
      {"machine", processor() + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads"},
      {"command", command},
      {"date", now()}};
  boost::json::array rows;
  for (const auto& [name, values] : rows_) {
    boost::json::object row{{"name", name}};
    for (std::size_t i = 0; i < values.size(); ++i) row[columns_[i]] = values[i];
    rows.push_back(std::move(row));
  }
  out["rows"] = std::move(rows);
  out["notes"] = boost::json::value_from(notes_);
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << boost::json::serialize(out) << "\n";
}

}  // namespace caprock::bench
