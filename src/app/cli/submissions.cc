#include "app/cli/submissions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "app/cli/records.h"
#include "base/json/json_text.h"
#include "base/trace.h"

namespace caprock::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

Result<std::string> read_file(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return failure(
        invalid_argument("path", fmt::format("{} cannot be read: {}", path, std::strerror(errno))));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

ApiRequest json_request(const json::object& body) {
  return {.method = "POST",
          .target = "/documents/ingest",
          .headers = {{"content-type", "application/json"}},
          .body = base::json_text(body)};
}

void add_common(json::object& body, const std::string& collection, const json::object& metadata) {
  if (!collection.empty()) body["collection"] = collection;
  if (metadata.empty()) return;
  json::object& all =
      body["metadata"].is_object() ? body["metadata"].get_object() : body["metadata"].emplace_object();
  for (const auto& [key, value] : metadata) all[key] = value;
}

// As browsers write it:
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
std::string quoted(const std::string& name) {
  std::string out = "\"";
  for (const char c : name)
    if (c == '"')
      out += "%22";
    else if (c == '\r' || c == '\n')
      out += c == '\r' ? "%0D" : "%0A";
    else
      out += c;
  return out + '"';
}

}  // namespace

std::optional<Job> JobFeed::next() {
  const std::lock_guard lock(mutex_);
  if (records_) return next_line();
  if (at_ == inputs_.size()) return std::nullopt;
  return Job{inputs_[at_++], {}, 0};
}

std::optional<Job> JobFeed::next_line() {
  for (; at_ < inputs_.size(); ++at_) {
    if (line_ == 0) open_ = std::ifstream(inputs_[at_].path, std::ios::binary);
    for (std::string line; std::getline(open_, line);) {
      ++line_;
      if (!is_blank(line)) return Job{inputs_[at_], std::move(line), line_};
    }
    line_ = 0;
  }
  return std::nullopt;
}

std::uint64_t JobFeed::count() const {
  if (!records_) return inputs_.size();
  std::uint64_t lines = 0;
  for (const Input& input : inputs_) {
    std::ifstream in(input.path, std::ios::binary);
    for (std::string line; std::getline(in, line);) lines += is_blank(line) ? 0 : 1;
  }
  return lines;
}

Result<json::object> read_metadata_options(const std::vector<std::string>& pairs) {
  json::object metadata;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos)
      return failure(invalid_argument("--metadata", fmt::format("--metadata {}: must be name=value", pair)));
    const std::string text = pair.substr(equals + 1);
    const Result<json::value> value = base::parse_json(text);
    const bool scalar = value && (value->is_bool() || value->is_number());
    metadata[pair.substr(0, equals)] = scalar ? *value : json::value(text);
  }
  return metadata;
}

Result<ApiRequest> request_of(const Job& job, const std::string& collection, const json::object& metadata) {
  if (job.number != 0) {
    CAPROCK_TRY(json::object body, record_body(job.line, job.input.path, job.number));
    add_common(body, collection, metadata);
    return json_request(body);
  }
  if (job.input.kind == Input::Kind::kUrl) {
    json::object body{{"url", job.input.path}};
    add_common(body, collection, metadata);
    return json_request(body);
  }
  CAPROCK_TRY(const std::string bytes, read_file(job.input.path));
  const fs::path path(job.input.path);
  std::vector<FormField> fields{{"source", path.parent_path().string()}};
  if (!collection.empty()) fields.push_back({"collection", collection});
  if (!metadata.empty()) fields.push_back({"metadata", base::json_text(metadata)});
  return upload_request(fields, path.filename().string(), bytes);
}

ApiRequest upload_request(const std::vector<FormField>& fields, const std::string& file_name,
                          const std::string& bytes) {
  // 128 random bits: that the file holds it by chance is ruled out in practice.
  const std::string boundary = "caprock-" + base::random_hex(16);
  std::string body;
  for (const FormField& field : fields)
    body += fmt::format("--{}\r\nContent-Disposition: form-data; name={}\r\n\r\n{}\r\n", boundary,
                        quoted(field.name), field.value);
  body += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"file\"; filename={}\r\n\r\n", boundary,
                      quoted(file_name));
  body += bytes;
  body += fmt::format("\r\n--{}--\r\n", boundary);
  return {.method = "POST",
          .target = "/documents/upload",
          .headers = {{"content-type", "multipart/form-data; boundary=" + boundary}},
          .body = std::move(body)};
}

}  // namespace caprock::app
