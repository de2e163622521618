#include "server/surfaces/rest/multipart_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/utf8.h"

namespace caprock::server::rest {

using base::failure;
using base::invalid_argument;

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// One `name=value` of a parameter list; moves `rest` past it and its semicolon.
struct Parameter {
  std::string_view name;
  std::string value;
};
std::optional<Parameter> next_parameter(std::string_view& rest) {
  const auto equals = rest.find('=');
  if (equals == std::string_view::npos) return {};
  Parameter found{.name = trim(rest.substr(0, equals)), .value = {}};
  rest = trim(rest.substr(equals + 1));
  if (!rest.starts_with('"')) {
    const auto end = std::min(rest.find(';'), rest.size());
    found.value = trim(rest.substr(0, end));
    rest = rest.substr(std::min(end + 1, rest.size()));
    return found;
  }
  std::size_t i = 1;
  for (; i < rest.size() && rest[i] != '"'; ++i) {
    // Browsers escape only the quote (as %22); a backslash before anything else is part of a Windows path.
    if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
    found.value += rest[i];
  }
  const auto end = std::min(rest.find(';', std::min(i, rest.size())), rest.size());
  rest = rest.substr(std::min(end + 1, rest.size()));
  return found;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return {};
    out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return out;
}

// RFC 8187: charset'language'percent-encoded. Only UTF-8 is in use.
std::optional<std::string> extended_value(std::string_view value) {
  const auto first = value.find('\'');
  const auto second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos || !same(value.substr(0, first), "utf-8")) return {};
  return percent_decoded(value.substr(second + 1));
}

std::string without_controls(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) out += c;
  }
  return out;
}

base::Result<void> read_disposition(std::string_view value, std::size_t number, Part& part) {
  const auto kind = trim(value.substr(0, value.find(';')));
  auto name = header_parameter(value, "name");
  if (!same(kind, "form-data") || !name) {
    return failure(invalid_argument(
        "", fmt::format("Part {} of the upload has no Content-Disposition: form-data with a name.", number)));
  }
  if (!base::is_valid_utf8(*name)) {
    return failure(invalid_argument("", fmt::format("The name of part {} is not valid UTF-8.", number)));
  }
  part.name = std::move(*name);
  auto file = header_parameter(value, "filename");
  if (const auto extended = header_parameter(value, "filename*")) {
    if (auto decoded = extended_value(*extended)) file = std::move(decoded);
  }
  if (!file) return {};
  auto clean = clean_file_name(*file);
  part.file_name = std::move(clean.name);
  part.folder = std::move(clean.folder);
  return {};
}

}  // namespace

std::optional<std::string> header_parameter(std::string_view value, std::string_view name) {
  auto rest = value;
  const auto first = rest.find(';');
  if (first == std::string_view::npos) return {};
  rest.remove_prefix(first + 1);
  while (auto parameter = next_parameter(rest)) {
    if (same(parameter->name, name)) return std::move(parameter->value);
  }
  return {};
}

CleanName clean_file_name(std::string_view given) {
  std::string text = without_controls(base::repair_utf8(given));
  std::ranges::replace(text, '\\', '/');
  if (text.size() >= 2 && text[1] == ':') text.erase(0, 2);  // "C:"
  std::vector<std::string> segments;
  std::size_t start = 0;
  while (start <= text.size()) {
    const auto end = std::min(text.find('/', start), text.size());
    const auto segment = text.substr(start, end - start);
    if (!segment.empty() && segment != "." && segment != "..") segments.push_back(segment);
    start = end + 1;
  }
  if (segments.empty()) return {};
  CleanName clean{.folder = {}, .name = segments.back()};
  segments.pop_back();
  for (const auto& segment : segments) clean.folder += (clean.folder.empty() ? "" : "/") + segment;
  return clean;
}

base::Result<Part> read_part_headers(std::string_view section, std::size_t number) {
  Part part;
  bool disposition = false;
  while (!section.empty()) {
    const auto end = std::min(section.find("\r\n"), section.size());
    const auto line = section.substr(0, end);
    section.remove_prefix(std::min(end + 2, section.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      return failure(
          invalid_argument("", fmt::format("A header line of part {} of the upload has no colon.", number)));
    }
    const auto name = trim(line.substr(0, colon));
    const auto value = trim(line.substr(colon + 1));
    if (same(name, "content-type")) part.content_type = without_controls(base::repair_utf8(value));
    if (same(name, "content-disposition")) {
      CAPROCK_CHECK(read_disposition(value, number, part));
      disposition = true;
    }
  }
  if (disposition) return part;
  return failure(invalid_argument(
      "", fmt::format("Part {} of the upload has no Content-Disposition: form-data with a name.", number)));
}

}  // namespace caprock::server::rest
