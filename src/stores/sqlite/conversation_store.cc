#include "stores/sqlite/conversation_store.h"

#include <algorithm>
#include <charconv>

#include "base/utf8.h"
#include "stores/sqlite/codec.h"
#include "stores/sqlite/cursor.h"
#include "stores/sqlite/once.h"

namespace caprock::stores {
namespace {

using base::failure;
using base::Result;

constexpr std::size_t kTitleLength = 80;

base::Error unknown(const ConversationId& id) {
  return base::not_found("there is no conversation " + id.str());
}

// The first line of the first message, cut at a word.
std::string title_of(const llm::Message& message) {
  const std::string text = llm::text_of(message);
  std::string_view line = std::string_view(text).substr(0, text.find('\n'));
  if (base::count_code_points(line) <= kTitleLength) return std::string(line);
  line = base::slice_code_points(line, 0, kTitleLength);
  if (const auto space = line.rfind(' '); space != std::string_view::npos && space > 0)
    line = line.substr(0, space);
  return std::string(line) + "…";
}

Conversation read_conversation(const Statement& row) {
  return {.id = ConversationId(row.string(0)),
          .user = row.string(1),
          .title = row.string(2),
          .messages = static_cast<std::uint64_t>(row.integer(3)),
          .created_at = decode_time(row.integer(4)),
          .updated_at = decode_time(row.integer(5))};
}

#define CAPROCK_CONVERSATION_COLUMNS "id, user, title, messages, created_at, updated_at"
#define CAPROCK_MESSAGE_COLUMNS "sequence, user, model, at, message, extra"

Result<StoredMessage> read_message(const Statement& row) {
  StoredMessage stored{.sequence = static_cast<std::uint64_t>(row.integer(0)),
                       .user = row.string(1),
                       .model = row.string(2),
                       .at = decode_time(row.integer(3)),
                       .extra_json = row.string(5)};
  CAPROCK_TRY(stored.message, decode_message(row.text(4)));
  return stored;
}

// Another user's conversation does not exist for this one.
Result<Conversation> load(Connection& db, const base::Principal& who, const ConversationId& id) {
  CAPROCK_TRY(Statement row, db.prepare("SELECT " CAPROCK_CONVERSATION_COLUMNS
                                        " FROM conversations WHERE tenant = ? AND id = ?"));
  CAPROCK_TRY(const bool found, row.bind(who.tenant.str(), id.str()).step());
  if (!found || row.text(1) != who.user) return failure(unknown(id));
  return read_conversation(row);
}

Result<bool> belongs_to_another(Connection& db, const base::Principal& who, const ConversationId& id) {
  CAPROCK_TRY(const std::int64_t others,
              db.integer("SELECT count(*) FROM conversations WHERE tenant = ? AND id = ? AND user <> ?", 0,
                         who.tenant.str(), id.str(), who.user));
  return others > 0;
}

Result<std::uint64_t> append_message(Connection& db, const base::Principal& who, const ConversationId& id,
                                     const StoredMessage& message, std::int64_t now) {
  CAPROCK_TRY(const bool foreign, belongs_to_another(db, who, id));
  if (foreign) return failure(unknown(id));
  CAPROCK_TRY(
      const std::int64_t sequence,
      db.integer("INSERT INTO conversations (tenant, id, user, title, messages, created_at, updated_at) "
                 "VALUES (?, ?, ?, ?, 1, ?5, ?5) ON CONFLICT (tenant, id) DO UPDATE SET "
                 "messages = messages + 1, updated_at = excluded.updated_at RETURNING messages",
                 0, who.tenant.str(), id.str(), who.user, title_of(message.message), now));
  CAPROCK_CHECK(
      db.execute("INSERT INTO messages (tenant, conversation, sequence, user, model, at, message, extra) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                 who.tenant.str(), id.str(), sequence, message.user, message.model, encode_time(message.at),
                 encode_message(message.message), message.extra_json));
  return static_cast<std::uint64_t>(sequence);
}

Result<std::uint64_t> read_number(std::string_view cursor, const std::string& position) {
  std::uint64_t number = 0;
  const auto [end, bad] = std::from_chars(position.data(), position.data() + position.size(), number);
  if (bad != std::errc{} || end != position.data() + position.size())
    return failure(base::invalid_argument(
        "cursor", "'" + std::string(cursor) + "' is not a next_cursor of this listing"));
  return number;
}

/// Conversations updated before this one come next.
struct ListPosition {
  std::int64_t updated_at = std::numeric_limits<std::int64_t>::max();
  std::string id;
};

Result<ListPosition> list_position(const std::string& cursor) {
  if (cursor.empty()) return ListPosition{};
  CAPROCK_TRY(const std::string text, read_cursor('c', cursor, ""));
  const std::size_t colon = std::min(text.find(':'), text.size());
  CAPROCK_TRY(const std::uint64_t at, read_number(cursor, text.substr(0, colon)));
  return ListPosition{static_cast<std::int64_t>(at), colon < text.size() ? text.substr(colon + 1) : ""};
}

Result<Page<Conversation>> list_page(Connection& db, const base::Principal& who, const ListPosition& after,
                                     std::uint32_t limit) {
  CAPROCK_TRY(
      Statement rows,
      db.prepare("SELECT " CAPROCK_CONVERSATION_COLUMNS " FROM conversations WHERE tenant = ? AND user = ? "
                 "AND (updated_at, id) < (?, ?) ORDER BY updated_at DESC, id DESC LIMIT ?"));
  rows.bind(who.tenant.str(), who.user, after.updated_at, after.id, limit + 1);
  Page<Conversation> page;
  while (true) {
    CAPROCK_TRY(const bool row, rows.step());
    if (!row) return page;
    if (page.items.size() == limit) break;
    page.items.push_back(read_conversation(rows));
  }
  const Conversation& end = page.items.back();
  page.next_cursor = make_cursor('c', std::to_string(encode_time(end.updated_at)) + ":" + end.id.str());
  return page;
}

Result<Page<StoredMessage>> message_page(Connection& db, const base::TenantId& tenant,
                                         const ConversationId& id, std::uint64_t after, std::uint32_t limit) {
  CAPROCK_TRY(Statement rows, db.prepare("SELECT " CAPROCK_MESSAGE_COLUMNS " FROM messages WHERE tenant = ? "
                                         "AND conversation = ? AND sequence > ? ORDER BY sequence LIMIT ?"));
  rows.bind(tenant.str(), id.str(), after, limit + 1);
  Page<StoredMessage> page;
  while (true) {
    CAPROCK_TRY(const bool row, rows.step());
    if (!row) return page;
    if (page.items.size() == limit) break;
    CAPROCK_TRY(StoredMessage message, read_message(rows));
    page.items.push_back(std::move(message));
  }
  page.next_cursor = make_cursor('m', std::to_string(page.items.back().sequence));
  return page;
}

}  // namespace

base::Awaitable<Result<std::uint64_t>> SqliteConversationStore::append(const base::RequestContext& context,
                                                                       ConversationId id,
                                                                       StoredMessage message,
                                                                       std::optional<IdempotencyEntry> once) {
  auto work = [&](Connection& db) -> Result<std::uint64_t> {
    const base::Principal& who = context.principal;
    const base::WallTime now = clock_.wall();
    if (once) {
      CAPROCK_TRY(const auto before, find_outcome(db, who.tenant, *once, now));
      if (before) return static_cast<std::uint64_t>(before->number);
    }
    CAPROCK_TRY(const std::uint64_t sequence, append_message(db, who, id, message, encode_time(now)));
    if (once) {
      const std::string resource = once->resource.empty() ? id.str() : once->resource;
      CAPROCK_CHECK(
          keep_outcome(db, who.tenant, *once, {resource, static_cast<std::int64_t>(sequence)}, now));
    }
    return sequence;
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<Conversation>> SqliteConversationStore::get(const base::RequestContext& context,
                                                                   ConversationId id) {
  auto work = [&](Connection& db) { return load(db, context.principal, id); };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<Page<StoredMessage>>> SqliteConversationStore::messages(
    const base::RequestContext& context, ConversationId id, PageRequest page) {
  CAPROCK_CO_TRY(const std::string position, read_cursor('m', page.cursor, "0"));
  CAPROCK_CO_TRY(const std::uint64_t after, read_number(page.cursor, position));
  auto work = [&](Connection& db) -> Result<Page<StoredMessage>> {
    CAPROCK_CHECK(load(db, context.principal, id));
    return message_page(db, context.principal.tenant, id, after, page_limit(page));
  };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<std::vector<StoredMessage>>> SqliteConversationStore::last(
    const base::RequestContext& context, ConversationId id, std::uint32_t count) {
  auto work = [&](Connection& db) -> Result<std::vector<StoredMessage>> {
    CAPROCK_TRY(const Conversation conversation, load(db, context.principal, id));
    const std::uint64_t after = conversation.messages - std::min<std::uint64_t>(count, conversation.messages);
    if (count == 0) return std::vector<StoredMessage>();
    CAPROCK_TRY(auto page, message_page(db, context.principal.tenant, id, after, count));
    return std::move(page.items);
  };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<Page<Conversation>>> SqliteConversationStore::list(const base::RequestContext& context,
                                                                          PageRequest page) {
  CAPROCK_CO_TRY(const ListPosition after, list_position(page.cursor));
  auto work = [&](Connection& db) { return list_page(db, context.principal, after, page_limit(page)); };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<void>> SqliteConversationStore::remove(const base::RequestContext& context,
                                                              ConversationId id) {
  auto work = [&](Connection& db) -> Result<void> {
    const std::string& tenant = context.principal.tenant.str();
    CAPROCK_CHECK(load(db, context.principal, id));
    CAPROCK_CHECK(db.execute("DELETE FROM messages WHERE tenant = ? AND conversation = ?", tenant, id.str()));
    return db.execute("DELETE FROM conversations WHERE tenant = ? AND id = ?", tenant, id.str());
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<std::optional<IdempotencyEntry>>> SqliteConversationStore::find_once(
    const base::RequestContext& context, IdempotencyEntry entry) {
  auto work = [&](Connection& db) -> Result<std::optional<IdempotencyEntry>> {
    CAPROCK_TRY(const auto before, find_outcome(db, context.principal.tenant, entry, clock_.wall()));
    if (!before) return std::nullopt;
    IdempotencyEntry found = entry;
    found.resource = before->resource;
    return found;
  };
  co_return co_await db_.read(context, std::move(work));
}

}  // namespace caprock::stores
