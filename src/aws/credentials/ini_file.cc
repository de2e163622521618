#include "aws/credentials/ini_file.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace caprock::aws {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// `value # remark` without the remark; a `#` within a word belongs to the value.
std::string_view without_remark(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i)
    if ((value[i] == '#' || value[i] == ';') && is_space(value[i - 1])) return trimmed(value.substr(0, i));
  if (!value.empty() && (value.front() == '#' || value.front() == ';')) return {};
  return value;
}

struct Assignment {
  std::string key;
  std::string_view value;
};

std::optional<Assignment> assignment(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view key = trimmed(line.substr(0, equals));
  if (key.empty() || std::ranges::any_of(key, is_space)) return std::nullopt;
  return Assignment{lower(key), trimmed(line.substr(equals + 1))};
}

struct Heading {
  std::string kind;
  std::string name;
};

/// `[default]`, `[profile dev]`, `[profile "two words"]`, with a remark behind it or not.
std::optional<Heading> heading(std::string_view line) {
  const std::size_t end = line.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = trimmed(line.substr(end + 1));
  if (!rest.empty() && rest.front() != '#' && rest.front() != ';') return std::nullopt;
  std::string_view name = trimmed(line.substr(1, end - 1));
  Heading made;
  if (const auto space = std::ranges::find_if(name, is_space); space != name.end()) {
    const auto length = static_cast<std::size_t>(space - name.begin());
    made.kind = std::string(name.substr(0, length));
    name = trimmed(name.substr(length));
  }
  if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front())
    name = name.substr(1, name.size() - 2);
  if (name.empty()) return std::nullopt;
  made.name = std::string(name);
  return made;
}

/// One walk over the lines.
class Reader {
 public:
  IniFile file;

  void line(std::string_view raw) {
    ++number_;
    const std::string_view text = trimmed(raw);
    if (text.empty()) return;
    const bool indented = is_space(raw.front());
    if (text.front() == '#' || text.front() == ';') return;
    if (indented && property_ != nullptr) return continuation(text);
    if (text.front() == '[') return section(text);
    property(text);
  }

 private:
  void section(std::string_view text) {
    property_ = nullptr;
    section_.reset();
    const std::optional<Heading> found = heading(text);
    if (!found) return problem("is no section like [default] or [profile name]");
    auto same = std::ranges::find_if(
        file.sections, [&](const IniSection& s) { return s.kind == found->kind && s.name == found->name; });
    if (same == file.sections.end()) {
      file.sections.push_back({found->kind, found->name, {}});
      same = std::prev(file.sections.end());
    }
    section_ = static_cast<std::size_t>(same - file.sections.begin());
  }

  void property(std::string_view text) {
    property_ = nullptr;
    const std::optional<Assignment> found = assignment(text);
    if (!found) return problem("is no 'key = value'");
    if (!section_) return problem("stands outside of any section");
    IniProperty& target = file.sections[*section_].properties[found->key];
    target = {std::string(without_remark(found->value)), {}, number_};
    property_ = &target;
  }

  void continuation(std::string_view text) {
    if (property_->value.empty()) {
      const std::optional<Assignment> part = assignment(text);
      if (!part) return problem("is no 'key = value'");
      property_->parts[part->key] = std::string(without_remark(part->value));
      return;
    }
    property_->value += '\n';
    property_->value += text;
  }

  void problem(std::string message) { file.problems.push_back({number_, std::move(message)}); }

  std::uint32_t number_ = 0;
  std::optional<std::size_t> section_;  ///< where properties go
  IniProperty* property_ = nullptr;     ///< what an indented line continues; std::map keeps it in place
};

}  // namespace

IniFile read_ini(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Reader reader;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader.file);
}

}  // namespace caprock::aws
