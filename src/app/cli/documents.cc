#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "app/cli/api_error.h"
#include "app/cli/commands.h"
#include "base/json/json_text.h"

namespace caprock::app {
namespace {

namespace json = boost::json;
using base::Result;

constexpr int kPage = 500;

std::string page_target(const DocumentsOptions& options, int limit, const std::string& cursor) {
  std::string target = fmt::format("/documents?limit={}", limit);
  if (!options.status.empty()) target += "&status=" + url_encode(options.status);
  if (!options.collection.empty()) target += "&collection=" + url_encode(options.collection);
  if (!cursor.empty()) target += "&cursor=" + url_encode(cursor);
  return target;
}

std::string row(const json::value& document) {
  const std::string status = text_at(document, "status");
  std::string line =
      fmt::format("{}  {:<10}  {:>6}  {}\n", printable(text_at(document, "id")), printable(status),
                  number_at(document, "chunk_count"), one_line(text_at(document, "title"), 80));
  if (status == "FAILED") line += fmt::format("    {}\n", one_line(text_at(document, "error"), 200));
  return line;
}

std::string details(const json::value& document) {
  std::string out;
  const json::object* fields = document.if_object();
  if (fields == nullptr) return out;
  for (const auto& [key, value] : *fields) {
    if (value.is_null()) continue;
    const json::string* text = value.if_string();
    out += fmt::format("{:<15} {}\n", std::string(key),
                       printable(text ? std::string(*text) : base::json_text(value)));
  }
  return out;
}

/// Does `act` for every id; the worst exit code wins.
template <class Act>
int each(const DocumentsOptions& options, Act act) {
  int worst = kExitOk;
  for (const std::string& id : options.ids) worst = std::max(worst, act("/documents/" + url_encode(id), id));
  return worst;
}

}  // namespace

int run_documents_list(ApiClient& client, const Terminal& terminal, const DocumentsOptions& options,
                       bool as_json) {
  json::array all;
  std::string cursor;
  int left = options.limit == 0 ? INT32_MAX : options.limit;
  do {
    const Result<ApiResponse> response =
        client.call({.target = page_target(options, std::min(left, kPage), cursor)});
    if (!response) return report(terminal, response.error());
    if (!response->ok()) return report(terminal, *response);
    const Result<json::value> page = json_body(*response);
    if (!page) return report(terminal, page.error());
    for (const json::value& document : array_at(*page, "documents")) {
      if (as_json)
        all.push_back(document);
      else
        terminal.out << row(document);
      --left;
    }
    cursor = text_at(*page, "next_cursor");
  } while (!cursor.empty() && left > 0);
  if (as_json) terminal.out << base::json_text(json::object{{"documents", all}}) << '\n';
  return kExitOk;
}

int run_documents_show(ApiClient& client, const Terminal& terminal, const DocumentsOptions& options,
                       bool as_json) {
  return each(options, [&](const std::string& target, const std::string& id) {
    const Result<ApiResponse> response = client.call({.target = target + (options.text ? "/text" : "")});
    if (!response) return report(terminal, response.error());
    if (!response->ok()) return report(terminal, *response);
    if (options.text) {
      const json::object both{{"id", id}, {"text", response->body}};
      terminal.out << (as_json ? base::json_text(both) : printable(response->body)) << '\n';
      return static_cast<int>(kExitOk);
    }
    const Result<json::value> document = json_body(*response);
    if (!document) return report(terminal, document.error());
    if (as_json)
      terminal.out << response->body << '\n';
    else
      terminal.out << details(*document);
    return static_cast<int>(kExitOk);
  });
}

int run_documents_delete(ApiClient& client, const Terminal& terminal, const DocumentsOptions& options,
                         bool as_json) {
  return each(options, [&](const std::string& target, const std::string& id) {
    const Result<ApiResponse> response = client.call({.method = "DELETE", .target = target});
    if (!response) return report(terminal, response.error());
    if (!response->ok()) return report(terminal, *response);
    if (as_json)
      terminal.out << base::json_text(json::object{{"id", id}, {"deleted", true}}) << '\n';
    else
      terminal.out << "deleted " << printable(id) << '\n';
    return static_cast<int>(kExitOk);
  });
}

int run_documents_post(ApiClient& client, const Terminal& terminal, const DocumentsOptions& options,
                       const std::string& verb, bool as_json) {
  return each(options, [&](const std::string& target, const std::string&) {
    const Result<ApiResponse> response = client.call({.method = "POST", .target = target + "/" + verb});
    if (!response) return report(terminal, response.error());
    if (!response->ok()) return report(terminal, *response);
    const Result<json::value> document = json_body(*response);
    if (!document) return report(terminal, document.error());
    if (as_json)
      terminal.out << response->body << '\n';
    else
      terminal.out << row(*document);
    return static_cast<int>(kExitOk);
  });
}

}  // namespace caprock::app
