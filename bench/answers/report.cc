#include "answers/report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace caprock::bench {
namespace {

std::string first_line(const char* command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command, "r"), ::pclose);
  std::array<char, 256> line{};
  if (!pipe || std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()) == nullptr)
    return "unknown";
  std::string out(line.data());
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

std::string cpu() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::array<char, 32> text{};
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

}  // namespace

void Report::row(const std::string& measure, double value) { rows_.push_back({measure, value, 0, false}); }

void Report::row(const std::string& measure, double value, double at_least) {
  rows_.push_back({measure, value, at_least, true});
}

bool Report::met() const {
  return std::ranges::all_of(rows_, [](const Row& row) { return !row.judged || row.value >= row.target; });
}

void Report::print() const {
  std::printf("%-66s %10s %10s\n", name_.c_str(), "measured", "at least");
  for (const Row& row : rows_) {
    if (row.judged) {
      std::printf("%-66s %10.4f %10.4f %s\n", row.measure.c_str(), row.value, row.target,
                  row.value >= row.target ? "ok" : "MISSED");
    } else {
      std::printf("%-66s %10.4f\n", row.measure.c_str(), row.value);
    }
  }
}

void Report::write(int argc, char** argv) const {
  boost::json::object out;
  out["name"] = name_;
  out["commit"] = first_line("git describe --always --dirty --abbrev=10 2>/dev/null");
  out["at"] = now();
  out["machine"] = {{"cpu", cpu()}, {"cores", std::thread::hardware_concurrency()}};
  std::string command;
  for (int i = 0; i < argc; ++i) command += (i > 0 ? " " : "") + std::string(argv[i]);
  out["command"] = command;
  boost::json::array rows;
  for (const Row& row : rows_) {
    boost::json::object one{{"measure", row.measure}, {"value", row.value}};
    if (row.judged) one["at_least"] = row.target;
    rows.push_back(std::move(one));
  }
  out["rows"] = std::move(rows);
  std::filesystem::create_directories("build/bench");
  std::ofstream("build/bench/answers-" + name_ + ".json") << boost::json::serialize(out) << "\n";
}

std::filesystem::path data_file(const std::string& name) {
  const char* given = std::getenv("CAPROCK_TEST_DATA");
  const std::filesystem::path path =
      std::filesystem::path(given != nullptr ? given : "../shared/data") / name;
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error(path.string() +
                             " is not here: set CAPROCK_TEST_DATA to the folder with the data sets");
  }
  return path;
}

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

}  // namespace caprock::bench
