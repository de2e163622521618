#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace caprock::bench {

/// Prints `measure  value  target  ok` rows and writes them with commit, machine and command to
/// build/bench/answers-NAME.json.
class Report {
 public:
  explicit Report(std::string name) : name_(std::move(name)) {}
  /// A row without target.
  void row(const std::string& measure, double value);
  void row(const std::string& measure, double value, double at_least);
  void print() const;
  void write(int argc, char** argv) const;
  bool met() const;

 private:
  struct Row {
    std::string measure;
    double value;
    double target;
    bool judged;
  };
  std::string name_;
  std::vector<Row> rows_;
};

/// ../shared/data beside the project, or CAPROCK_TEST_DATA. Throws with a message when `name` is not there.
std::filesystem::path data_file(const std::string& name);
std::string read_whole(const std::filesystem::path& path);

}  // namespace caprock::bench
