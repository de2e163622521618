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

std::string row(const json::value& key) {
  const std::string revoked = text_at(key, "revoked_at");
  return fmt::format("{}  {}  {:<8}  {}\n", printable(text_at(key, "key_id")),
                     printable(text_at(key, "access_key_id")), revoked.empty() ? "active" : "revoked",
                     one_line(text_at(key, "name"), 60));
}

}  // namespace

int run_keys_create(ApiClient& client, const Terminal& terminal, const KeysOptions& options, bool as_json) {
  json::object body{{"name", options.name}};
  if (options.admin) body["admin"] = true;
  const Result<ApiResponse> response = client.call({.method = "POST",
                                                    .target = "/keys",
                                                    .headers = {{"content-type", "application/json"}},
                                                    .body = base::json_text(body)});
  if (!response) return report(terminal, response.error());
  if (!response->ok()) return report(terminal, *response);
  const Result<json::value> key = json_body(*response);
  if (!key) return report(terminal, key.error());
  json::object shown;
  for (const char* name : {"key_id", "api_key", "access_key_id", "secret_access_key"})
    shown[name] = text_at(*key, name);
  if (as_json) {
    terminal.out << base::json_text(shown) << '\n';
    return kExitOk;
  }
  for (const auto& [name, value] : shown)
    terminal.out << fmt::format("{:<18} {}\n", std::string(name), printable(std::string(value.as_string())));
  terminal.err << "Keep them: they are not shown again. From now on every request needs a key.\n";
  return kExitOk;
}

int run_keys_list(ApiClient& client, const Terminal& terminal, bool as_json) {
  json::array all;
  std::string cursor;
  do {
    const std::string after = cursor.empty() ? std::string() : "&cursor=" + url_encode(cursor);
    const Result<ApiResponse> response = client.call({.target = "/keys?limit=500" + after});
    if (!response) return report(terminal, response.error());
    if (!response->ok()) return report(terminal, *response);
    const Result<json::value> page = json_body(*response);
    if (!page) return report(terminal, page.error());
    for (const json::value& key : array_at(*page, "keys")) {
      if (as_json)
        all.push_back(key);
      else
        terminal.out << row(key);
    }
    cursor = text_at(*page, "next_cursor");
  } while (!cursor.empty());
  if (as_json) terminal.out << base::json_text(json::object{{"keys", all}}) << '\n';
  return kExitOk;
}

int run_keys_revoke(ApiClient& client, const Terminal& terminal, const KeysOptions& options, bool as_json) {
  int worst = kExitOk;
  for (const std::string& id : options.ids) {
    const Result<ApiResponse> response =
        client.call({.method = "DELETE", .target = "/keys/" + url_encode(id)});
    if (!response) {
      worst = std::max(worst, report(terminal, response.error()));
    } else if (!response->ok()) {
      worst = std::max(worst, report(terminal, *response));
    } else if (as_json) {
      terminal.out << response->body << '\n';
    } else {
      terminal.out << "revoked " << printable(id) << '\n';
    }
  }
  return worst;
}

}  // namespace caprock::app
