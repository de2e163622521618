#include "stores/sqlite/conversation_store.h"

#include <gtest/gtest.h>

#include "stores/sqlite/codec.h"
#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using base::ErrorKind;
using testing::run;

class ConversationStoreTest : public ::testing::Test {
 protected:
  std::uint64_t say(const std::string& id, std::string text,
                    std::optional<IdempotencyEntry> once = std::nullopt) {
    clock_.advance(std::chrono::seconds(1));
    StoredMessage message{
        .message = llm::text_message(llm::Role::kUser, std::move(text)), .user = "ann", .at = clock_.wall()};
    return run(store_.append(context_, ConversationId(id), std::move(message), std::move(once))).value();
  }
  static base::RequestContext as(const std::string& tenant, const std::string& user) {
    base::RequestContext context;
    context.principal.tenant = base::TenantId(tenant);
    context.principal.user = user;
    return context;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> db_ = std::move(Database::open(folder_.file("c.db"), {record_tables()}).value());
  base::ManualClock clock_{base::WallTime(std::chrono::seconds(1'700'000'000))};
  SqliteConversationStore store_{*db_, clock_};
  base::RequestContext context_ = as("default", "ann");
};

TEST_F(ConversationStoreTest, Append_NumbersMessagesFromOneWithoutGaps) {
  EXPECT_EQ(say("c1", "What caused the loss of power?"), 1);
  EXPECT_EQ(say("c1", "And then?"), 2);
  EXPECT_EQ(say("c2", "Hello"), 1);
  const Conversation c = run(store_.get(context_, ConversationId("c1"))).value();
  EXPECT_EQ(c.messages, 2);
  EXPECT_EQ(c.title, "What caused the loss of power?");
  EXPECT_GT(c.updated_at, c.created_at);
}

TEST_F(ConversationStoreTest, EveryBlock_SurvivesStorage) {
  const std::string png("\x89PNG\0\xff", 6);
  llm::Message message{
      llm::Role::kAssistant,
      {llm::TextBlock{"text\n\"quoted\"",
                      {{.place = llm::Citation::Place::kDocumentPage, .title = "T", .index = 1, .end = 4}}},
       llm::ImageBlock{"png", {.bytes = png}, "low"},
       llm::DocumentBlock{.format = "pdf",
                          .name = "a.pdf",
                          .source = {.uri = "s3://b/k", .bucket_owner = "1"},
                          .citations = true},
       llm::ToolUseBlock{"t1", "search", R"({"q":1.50})"},
       llm::ToolResultBlock{
           "t1", {llm::TextBlock{"x"}, llm::JsonBlock{"5"}, llm::ImageBlock{"png", {.bytes = png}}}, true},
       llm::ReasoningBlock{"because", "c2ln", "cmVk", "rs_1", "f"}, llm::CachePointBlock{"1h"},
       llm::SearchResultBlock{"src", "title", {"a", "b"}, false}, llm::GuardBlock{"g", {"query"}},
       llm::RefusalBlock{"no"}, llm::ToolChangeBlock{false, "search"},
       llm::AudioBlock{"wav", {.bytes = "w"}}},
      "ann"};
  StoredMessage stored{
      .message = message, .user = "ann", .model = "m", .at = clock_.wall(), .extra_json = R"({"a":[]})"};
  ASSERT_TRUE(run(store_.append(context_, ConversationId("c"), stored, std::nullopt)));
  const auto back = run(store_.last(context_, ConversationId("c"), 1)).value().at(0);
  EXPECT_EQ(back.model, "m");
  EXPECT_EQ(back.extra_json, R"({"a":[]})");
  EXPECT_EQ(back.at, stored.at);
  ASSERT_EQ(back.message.content.size(), 12);
  EXPECT_EQ(back.message.role, llm::Role::kAssistant);
  EXPECT_EQ(back.message.name, "ann");
  EXPECT_EQ(std::get<llm::TextBlock>(back.message.content[0]).text, "text\n\"quoted\"");
  EXPECT_EQ(std::get<llm::TextBlock>(back.message.content[0]).citations.at(0).end, 4);
  EXPECT_EQ(std::get<llm::ImageBlock>(back.message.content[1]).source.bytes, png);
  EXPECT_EQ(std::get<llm::DocumentBlock>(back.message.content[2]).source.uri, "s3://b/k");
  EXPECT_EQ(std::get<llm::ToolUseBlock>(back.message.content[3]).input_json, R"({"q":1.50})");
  // What was read is written the same again: nothing got lost in between.
  EXPECT_EQ(encode_message(back.message), encode_message(message));
}

TEST_F(ConversationStoreTest, Last_IsTheWindowOldestFirst) {
  for (int i = 1; i <= 5; ++i) say("c", std::to_string(i));
  const auto window = run(store_.last(context_, ConversationId("c"), 3)).value();
  ASSERT_EQ(window.size(), 3);
  EXPECT_EQ(window[0].sequence, 3);
  EXPECT_EQ(window[2].sequence, 5);
  EXPECT_EQ(run(store_.last(context_, ConversationId("c"), 50)).value().size(), 5);
  EXPECT_TRUE(run(store_.last(context_, ConversationId("c"), 0)).value().empty());
}

TEST_F(ConversationStoreTest, Messages_AndLists_GoThroughAllPages) {
  for (int i = 1; i <= 5; ++i) say("c", std::to_string(i));
  PageRequest request{.limit = 2, .cursor = ""};
  std::uint64_t next = 1;
  do {
    const auto page = run(store_.messages(context_, ConversationId("c"), request)).value();
    for (const StoredMessage& message : page.items) EXPECT_EQ(message.sequence, next++);
    request.cursor = page.next_cursor;
  } while (!request.cursor.empty());
  EXPECT_EQ(next, 6);
  for (int i = 0; i < 4; ++i) say("d" + std::to_string(i), "x");
  say("c", "again");
  std::vector<std::string> seen;
  do {
    const auto page = run(store_.list(context_, request)).value();
    for (const Conversation& c : page.items) seen.push_back(c.id.str());
    request.cursor = page.next_cursor;
  } while (!request.cursor.empty());
  EXPECT_EQ(seen, (std::vector<std::string>{"c", "d3", "d2", "d1", "d0"}));
}

TEST_F(ConversationStoreTest, IdempotencyKey_AppendsOnce) {
  const IdempotencyEntry once{.route = "chat", .key = "k", .body_sha256 = "1", .resource = "turn-1"};
  EXPECT_EQ(say("c", "hello", once), 1);
  EXPECT_EQ(say("c", "hello", once), 1);
  EXPECT_EQ(run(store_.get(context_, ConversationId("c"))).value().messages, 1);
  EXPECT_EQ(run(store_.find_once(context_, once)).value()->resource, "turn-1");
  IdempotencyEntry other = once;
  other.body_sha256 = "2";
  EXPECT_EQ(run(store_.find_once(context_, other)).error().kind, ErrorKind::kUnprocessable);
  other.key = "new";
  EXPECT_FALSE(run(store_.find_once(context_, other)).value());
}

TEST_F(ConversationStoreTest, OtherTenantOrUser_SeesNothing) {
  say("c", "secret");
  for (const auto& other : {as("default", "bob"), as("other", "ann")}) {
    EXPECT_EQ(run(store_.get(other, ConversationId("c"))).error().kind, ErrorKind::kNotFound);
    EXPECT_EQ(run(store_.messages(other, ConversationId("c"), {})).error().kind, ErrorKind::kNotFound);
    EXPECT_EQ(run(store_.last(other, ConversationId("c"), 1)).error().kind, ErrorKind::kNotFound);
    EXPECT_EQ(run(store_.remove(other, ConversationId("c"))).error().kind, ErrorKind::kNotFound);
    EXPECT_TRUE(run(store_.list(other, {})).value().items.empty());
  }
  StoredMessage message{
      .message = llm::text_message(llm::Role::kUser, "x"), .user = "bob", .at = clock_.wall()};
  EXPECT_EQ(run(store_.append(as("default", "bob"), ConversationId("c"), message, std::nullopt)).error().kind,
            ErrorKind::kNotFound);
}

TEST_F(ConversationStoreTest, Remove_TakesTheMessagesToo) {
  say("c", "x");
  ASSERT_TRUE(run(store_.remove(context_, ConversationId("c"))));
  EXPECT_EQ(run(store_.messages(context_, ConversationId("c"), {})).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(say("c", "new"), 1);
}

}  // namespace
}  // namespace caprock::stores
