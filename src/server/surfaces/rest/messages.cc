#include "server/surfaces/rest/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "base/sha256.h"
#include "server/uri.h"

namespace caprock::server::rest {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;

namespace {

constexpr std::string_view kCollectionPattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$";
constexpr std::size_t kMaxCollection = 64;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_collection(std::string_view name) {
  return !name.empty() && is_alphanumeric(name.front()) && std::ranges::all_of(name, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
  });
}

// An answer is data of one caller: no cache keeps it, and no browser takes it for a page.
Headers headers_for(std::string_view content_type) {
  return {{"content-type", std::string(content_type)},
          {"cache-control", "no-store"},
          {"content-security-policy", "default-src 'none'; frame-ancestors 'none'"}};
}

}  // namespace

Done answer_json(Exchange& exchange, int status, const json::value& body) {
  return respond(exchange.response, status, headers_for("application/json"), base::json_text(body));
}

Done answer_text(Exchange& exchange, std::string_view content_type, std::string text) {
  return respond(exchange.response, 200, headers_for(content_type), std::move(text));
}

Done answer_nothing(Exchange& exchange) { return respond(exchange.response, 204, {}, ""); }

Result<std::vector<std::pair<std::string, std::string>>> query_pairs(const Request& request) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::string_view rest = request.query();
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) {
      return failure(invalid_argument(name.value_or(""), "A query parameter is not percent-encoded UTF-8."));
    }
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

Result<std::optional<stores::IdempotencyEntry>> idempotency(const Request& request, std::string route,
                                                            std::string_view body) {
  if (!request.headers.has("idempotency-key")) return std::nullopt;
  const auto key = request.headers.get("idempotency-key");
  const auto visible = [](char c) { return c > 0x20 && c < 0x7f; };
  if (key.empty() || key.size() > 255 || !std::ranges::all_of(key, visible)) {
    return failure(
        invalid_argument("Idempotency-Key", "Idempotency-Key must be 1 to 255 visible ASCII characters."));
  }
  return stores::IdempotencyEntry{
      .route = std::move(route), .key = std::string(key), .body_sha256 = base::sha256_hex(body)};
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

Result<std::string> uuid_param(const Exchange& exchange, std::string_view what) {
  std::string id = exchange.param(0);
  if (!is_uuid(id)) return failure(base::not_found(fmt::format("There is no such {}.", what)));
  std::ranges::transform(id, id.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return id;
}

Result<std::string> read_collection(const json::value& value, const std::string& path) {
  CAPROCK_TRY(auto name, base::read_text(value, path, {.help = "", .max = kMaxCollection, .blank = false}));
  if (is_collection(name)) return name;
  return failure(invalid_argument(
      path,
      fmt::format("{} must be letters, digits, '.', '_' and '-', beginning with a letter or digit.", path)));
}

json::object collection_schema() {
  return {{"type", "string"},
          {"minLength", 1},
          {"maxLength", kMaxCollection},
          {"pattern", kCollectionPattern},
          {"default", "default"},
          {"description", "The collection; documents of different collections never meet in a search."}};
}

json::value cursor_json(const std::string& cursor) {
  return cursor.empty() ? json::value(nullptr) : json::value(cursor);
}

}  // namespace caprock::server::rest
