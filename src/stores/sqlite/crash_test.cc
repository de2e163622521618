// A child writes without end and is killed at some moment: everything it was told to be durable is there, and
// nothing is broken.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/conversation_store.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using testing::run;

constexpr int kRounds = 20;
const CollectionKey kHere{base::TenantId("default"), "default"};

void report(int to, const std::string& line) {
  if (::write(to, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(3);
}

struct Child {
  Database& db;
  int pipe;
  int round;
  SqliteDocumentStore documents{db};
  SqliteChunkStore chunks{db};
  SqliteConversationStore conversations{db};
  base::RequestContext context{};

  // "d <id>": accepted. "p <id>": published. "m <n>": so many messages in this round's conversation.
  base::Awaitable<void> ingest(int worker) {
    for (int n = 0;; ++n) {
      const std::string name = std::to_string(round) + "-" + std::to_string(worker) + "-" + std::to_string(n);
      NewDocument document{.collection = kHere,
                           .source = name,
                           .title = name,
                           .content_type = "text/plain",
                           .content_sha256 = name,
                           .original_key = "default/originals/" + name};
      auto accepted = co_await documents.accept(context, document, std::nullopt);
      if (!accepted) ::_exit(2);
      report(pipe, "d " + accepted->document.id.str() + "\n");
      auto jobs = co_await documents.claim(context, 1, std::chrono::seconds(60));
      if (!jobs) ::_exit(2);
      for (const IngestJob& job : *jobs) {
        std::vector<ChunkRecord> records;
        for (std::uint32_t i = 0; i < 3; ++i)
          records.push_back(
              {{job.document.id, job.version, i}, {.index = i, .content = "passage of " + name}});
        if (!co_await chunks.put(context, kHere, std::move(records))) ::_exit(2);
        if (!co_await documents.publish(context, job, 3, 30, name)) ::_exit(2);
        report(pipe, "p " + job.document.id.str() + "\n");
      }
    }
  }
  base::Awaitable<void> chat() {
    while (true) {
      StoredMessage message{.message = llm::text_message(llm::Role::kUser, "hello"), .user = "local"};
      auto number = co_await conversations.append(context, ConversationId("c" + std::to_string(round)),
                                                  message, std::nullopt);
      if (!number) ::_exit(2);
      report(pipe, "m " + std::to_string(*number) + "\n");
    }
  }
};

[[noreturn]] void write_until_killed(const std::string& path, int pipe, int round) {
  auto db = Database::open(path, {record_tables()});
  if (!db) ::_exit(4);
  Child child{**db, pipe, round};
  if (!child.documents.release_claims()) ::_exit(5);
  boost::asio::io_context loop;
  for (int worker = 0; worker < 4; ++worker)
    boost::asio::co_spawn(loop, child.ingest(worker), [](std::exception_ptr) {});
  boost::asio::co_spawn(loop, child.chat(), [](std::exception_ptr) {});
  loop.run();
  ::_exit(0);
}

std::string killed_output(const std::string& path, int round, std::chrono::microseconds after) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(path, ends[1], round);
  }
  ::close(ends[1]);
  // The moment counts from the first acknowledgement: a slow machine must not kill it before it began.
  std::string output;
  char buffer[65536];
  std::chrono::steady_clock::time_point end{};
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof(buffer))) > 0;) {
    if (output.empty()) end = std::chrono::steady_clock::now() + after;
    output.append(buffer, static_cast<std::size_t>(n));
    if (std::chrono::steady_clock::now() >= end) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
  return output.substr(0, output.rfind('\n') + 1);
}

struct Acknowledged {
  std::set<std::string> accepted;
  std::set<std::string> published;
  std::uint64_t messages = 0;
};

Acknowledged parse(const std::string& output) {
  Acknowledged all;
  std::istringstream lines(output);
  for (std::string kind, what; lines >> kind >> what;) {
    if (kind == "d") all.accepted.insert(what);
    if (kind == "p") all.published.insert(what);
    if (kind == "m") all.messages = std::max<std::uint64_t>(all.messages, std::stoull(what));
  }
  return all;
}

void check(Database& db, const Acknowledged& acknowledged, int round) {
  SqliteDocumentStore documents(db);
  SqliteChunkStore chunks(db);
  SqliteConversationStore conversations(db);
  const base::RequestContext context;
  ASSERT_TRUE(db.check_integrity());
  for (const std::string& id : acknowledged.accepted)
    ASSERT_TRUE(run(documents.get(context, DocumentId(id)))) << id;
  for (const std::string& id : acknowledged.published)
    ASSERT_EQ(run(documents.get(context, DocumentId(id))).value().status, DocumentStatus::kIndexed) << id;
  // Visible whole or not at all, acknowledged or not.
  for (PageRequest page{.limit = 1000, .cursor = ""};;) {
    const auto listed = run(documents.list(context, {.status = DocumentStatus::kIndexed}, page)).value();
    for (const Document& d : listed.items)
      ASSERT_EQ(run(chunks.list(context, kHere, d.id, d.version, {})).value().items.size(), 3);
    page.cursor = listed.next_cursor;
    if (page.cursor.empty()) break;
  }
  if (acknowledged.messages == 0) return;
  const auto conversation =
      run(conversations.get(context, ConversationId("c" + std::to_string(round)))).value();
  ASSERT_GE(conversation.messages, acknowledged.messages);
  const auto last = run(conversations.last(context, conversation.id, 10'000)).value();
  ASSERT_EQ(last.back().sequence, conversation.messages);
}

TEST(Crash, KilledAtAnyMoment_LosesNothingAcknowledged) {
  testing::TemporaryFolder folder;
  const std::string path = folder.file("crash.db");
  std::mt19937 random(std::random_device{}());
  std::size_t accepted = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::chrono::microseconds after(random() % 60'000);
    const Acknowledged acknowledged = parse(killed_output(path, round, after));
    accepted += acknowledged.accepted.size();
    auto db = Database::open(path, {record_tables()});
    ASSERT_TRUE(db) << db.error().detail;
    ASSERT_NO_FATAL_FAILURE(check(**db, acknowledged, round))
        << "round " << round << ", killed after " << after.count() << " us";
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace caprock::stores
