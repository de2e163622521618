#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace caprock::bench {

/// What a run measured: figures, those with a goal judged by it; printed as a table and written as JSON with
/// the commit, the machine and the command.
class Report {
 public:
  /// A figure that nobody set a goal for.
  void figure(const std::string& set, const std::string& measure, double value);
  /// A figure that is met when it is at least `goal`.
  void judged(const std::string& set, const std::string& measure, double value, double goal);
  void note(std::string text);

  bool met() const;
  /// All figures.
  void print() const;
  /// The judged ones alone, as a table of Markdown.
  void print_goals() const;
  void write(const std::filesystem::path& file, const std::string& command) const;

 private:
  struct Row {
    std::string set;
    std::string measure;
    double value;
    double goal;
    bool judged;
    bool met() const { return !judged || value >= goal; }
  };
  boost::json::array rows_as_json() const;

  std::vector<Row> rows_;
  std::vector<std::string> notes_;
};

}  // namespace caprock::bench
