#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "server/json_body.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"
#include "server/surfaces/rest/request_bodies.h"

namespace caprock::server::rest {

namespace json = boost::json;

namespace {

base::Fields<PageQuery> page_fields() {
  base::Fields<PageQuery> fields;
  fields.integer("limit", &PageQuery::limit, {.help = "Most keys in the page.", .min = 1, .max = 1000})
      .text("cursor", &PageQuery::cursor, {.help = "next_cursor of the page before.", .max = 1000});
  return fields;
}

json::object key_json(const stores::IssuedKey& key) {
  json::array roles(key.roles.begin(), key.roles.end());
  return {
      {"key_id", key.id},
      {"name", key.name},
      {"access_key_id", key.access_key_id},
      {"roles", std::move(roles)},
      {"created_at", base::iso_time(key.created_at)},
      {"revoked_at", key.revoked_at ? json::value(base::iso_time(*key.revoked_at)) : json::value(nullptr)}};
}

Done create(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto text, co_await read_json(x.request, {.depth = parts.settings.json_depth}));
  CAPROCK_CO_TRY(auto body, key_fields().parse(text));
  std::vector<std::string> roles{"user"};
  if (body.admin) roles.emplace_back("admin");
  CAPROCK_CO_TRY(const auto made,
                 co_await parts.keys->create(x.context, std::move(body.name), std::move(roles)));
  json::object shown = key_json(made.record);
  shown["api_key"] = made.api_key.reveal();
  shown["secret_access_key"] = made.secret_access_key.reveal();
  co_return co_await answer_json(x, 201, shown);
}

Done list(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto pairs, query_pairs(x.request));
  CAPROCK_CO_TRY(auto query, page_fields().parse_query(pairs));
  CAPROCK_CO_TRY(const auto page, co_await parts.keys->list(
                                      x.context, {.limit = query.limit, .cursor = std::move(query.cursor)}));
  json::array items;
  for (const auto& key : page.items) items.push_back(key_json(key));
  co_return co_await answer_json(
      x, 200, {{"keys", std::move(items)}, {"next_cursor", cursor_json(page.next_cursor)}});
}

Done revoke(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto id, uuid_param(x, "key"));
  CAPROCK_CO_TRY(const auto key, co_await parts.keys->revoke(x.context, id));
  co_return co_await answer_json(x, 200, key_json(key));
}

}  // namespace

std::vector<Operation> key_operations(const Parts& parts) {
  if (parts->keys == nullptr) return {};
  return {{.method = "POST",
           .pattern = "/keys",
           .auth = AuthClass::kAdmin,
           .id = "createKey",
           .tag = "keys",
           .summary = "Issues a key. From the first one on, every request needs one.",
           .handler = bound(parts, create),
           .replies = {{.status = 201, .help = "The key. Shown this once.", .schema = "NewKey"}},
           .errors = {409},
           .request = "KeyRequest"},
          {.method = "GET",
           .pattern = "/keys",
           .auth = AuthClass::kAdmin,
           .id = "listKeys",
           .tag = "keys",
           .summary = "The issued keys, oldest first, without what is secret.",
           .handler = bound(parts, list),
           .replies = {{.help = "A page.", .schema = "KeyPage"}},
           .errors = {},
           .query = page_fields()},
          {.method = "DELETE",
           .pattern = "/keys/{id}",
           .auth = AuthClass::kAdmin,
           .id = "revokeKey",
           .tag = "keys",
           .summary = "Revokes a key. It stays in the list.",
           .handler = bound(parts, revoke),
           .replies = {{.help = "The key, revoked.", .schema = "Key"}},
           .errors = {404}}};
}

}  // namespace caprock::server::rest
