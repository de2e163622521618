#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace caprock::bench {

/// Rows of numbers, printed as a table and written as JSON with the commit, the machine and the command.
class Report {
 public:
  Report(std::string set, std::vector<std::string> columns)
      : set_(std::move(set)), columns_(std::move(columns)) {}
  void add(std::string row, std::vector<double> values) {
    rows_.emplace_back(std::move(row), std::move(values));
  }
  void note(std::string text) { notes_.push_back(std::move(text)); }
  void print() const;
  void write(const std::filesystem::path& file, const std::string& command) const;

 private:
  std::string set_;
  std::vector<std::string> columns_;
  std::vector<std::pair<std::string, std::vector<double>>> rows_;
  std::vector<std::string> notes_;
};

}  // namespace caprock::bench
