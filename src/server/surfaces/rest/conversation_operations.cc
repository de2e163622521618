#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "server/surfaces/rest/message_json.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"

namespace caprock::server::rest {

namespace json = boost::json;

namespace {

base::Fields<PageQuery> page_fields() {
  base::Fields<PageQuery> fields;
  fields.integer("limit", &PageQuery::limit, {.help = "Most items in the page.", .min = 1, .max = 1000})
      .text("cursor", &PageQuery::cursor, {.help = "next_cursor of the page before.", .max = 1000});
  return fields;
}

base::Result<stores::PageRequest> read_page(const Request& request) {
  CAPROCK_TRY(const auto pairs, query_pairs(request));
  CAPROCK_TRY(auto query, page_fields().parse_query(pairs));
  return stores::PageRequest{.limit = query.limit, .cursor = std::move(query.cursor)};
}

Done list(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto request, read_page(x.request));
  CAPROCK_CO_TRY(const auto page, co_await parts.conversations.list(x.context, std::move(request)));
  json::array items;
  for (const auto& conversation : page.items) items.push_back(conversation_json(conversation));
  co_return co_await answer_json(
      x, 200, {{"conversations", std::move(items)}, {"next_cursor", cursor_json(page.next_cursor)}});
}

Done get(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto request, read_page(x.request));
  CAPROCK_CO_TRY(const auto id, uuid_param(x, "conversation"));
  const stores::ConversationId conversation(id);
  CAPROCK_CO_TRY(const auto found, co_await parts.conversations.get(x.context, conversation));
  CAPROCK_CO_TRY(const auto page,
                 co_await parts.conversations.messages(x.context, conversation, std::move(request)));
  auto body = conversation_json(found);
  json::array messages;
  for (const auto& message : page.items) messages.push_back(message_json(message));
  body["messages"] = std::move(messages);
  body["next_cursor"] = cursor_json(page.next_cursor);
  co_return co_await answer_json(x, 200, body);
}

Done remove(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto id, uuid_param(x, "conversation"));
  CAPROCK_CO_CHECK(co_await parts.conversations.remove(x.context, stores::ConversationId(id)));
  co_return co_await answer_nothing(x);
}

}  // namespace

std::vector<Operation> conversation_operations(const Parts& parts) {
  return {{.method = "GET",
           .pattern = "/conversations",
           .auth = AuthClass::kUser,
           .id = "listConversations",
           .tag = "conversations",
           .summary = "The caller's conversations, newest first.",
           .handler = bound(parts, list),
           .replies = {{.help = "A page.", .schema = "ConversationPage"}},
           .errors = {},
           .query = page_fields()},
          {.method = "GET",
           .pattern = "/conversations/{id}",
           .auth = AuthClass::kUser,
           .id = "getConversation",
           .tag = "conversations",
           .summary = "A conversation with its messages, oldest first.",
           .handler = bound(parts, get),
           .replies = {{.help = "The conversation and a page of its messages.",
                        .schema = "ConversationWithMessages"}},
           .errors = {404},
           .query = page_fields()},
          {.method = "DELETE",
           .pattern = "/conversations/{id}",
           .auth = AuthClass::kUser,
           .id = "deleteConversation",
           .tag = "conversations",
           .summary = "Deletes a conversation with everything said in it.",
           .handler = bound(parts, remove),
           .replies = {{.status = 204, .help = "Gone.", .schema = "", .content_type = ""}},
           .errors = {404}}};
}

}  // namespace caprock::server::rest
