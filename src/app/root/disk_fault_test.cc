// What happens when the disk fails at any one of the writes behind a request: 507 or 503, everything whole or
// absent, and it goes on when the disk does. The whole process but the sockets, on real files.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <thread>

#include "app/root/root.h"
#include "server/in_process.h"
#include "stores/sqlite/connection.h"
#include "stores/testing/disk_faults.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::app {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using server::LocalRequest;
using server::LocalResponse;
using stores::testing::DiskFaults;

struct Fault {
  DiskFaults::Kind kind;
  DiskFaults::Span span;
};

// Every write of an operation fails once; above this many something writes without end.
constexpr int kMostWrites = 400;
#ifdef CAPROCK_SANITIZED
constexpr int kStride = 3;  // ten times slower: a third of the writes shows what a sanitizer can see
#else
constexpr int kStride = 1;
#endif
constexpr std::chrono::seconds kPatience{20};

class DiskFaultTest : public ::testing::TestWithParam<Fault> {
 protected:
  DiskFaultTest() {
    settings_.embeddings.model = "none";
    settings_.ingest.poll = std::chrono::milliseconds(5);
    settings_.database.checkpoint.count = 1 << 18;  // so that checkpoints are hit too
    open();
  }
  void TearDown() override {
    faults_.heal();
    root_.reset();
  }

  void open() {
    root_.reset();
    auto opened = Root::open(settings_, folder_.path(), base::Secret());
    ASSERT_TRUE(opened) << opened.error().message;
    root_ = std::move(*opened);
  }

  LocalResponse call(LocalRequest request) {
    server::InProcess door(root_->dispatcher());
    std::optional<LocalResponse> out;
    asio::co_spawn(loop_, door.call(std::move(request), stop_),
                   [&](std::exception_ptr failed, LocalResponse response) {
                     if (failed) std::rethrow_exception(failed);
                     out = std::move(response);
                   });
    while (!out) loop_.run_one();
    return std::move(*out);
  }
  LocalResponse get(std::string target) { return call({.target = std::move(target)}); }
  LocalResponse remove(const std::string& id) {
    return call({.method = "DELETE", .target = "/documents/" + id});
  }
  LocalResponse post(std::string target, const json::object& body, const std::string& key) {
    LocalRequest request{.method = "POST",
                         .target = std::move(target),
                         .headers = {{"content-type", "application/json"}, {"Idempotency-Key", key}},
                         .body = json::serialize(body)};
    return call(std::move(request));
  }
  LocalResponse ingest(const std::string& source, const std::string& text, const std::string& key) {
    return post("/documents/ingest", {{"source", source}, {"content", text}}, key);
  }
  static std::string text_at(const LocalResponse& response, std::string_view field) {
    const auto value = json::parse(response.body);
    const auto* found = value.as_object().if_contains(field);
    return found == nullptr || !found->is_string() ? std::string() : std::string(found->as_string());
  }

  // Polls until `done` is true; false when it never is.
  template <class Done>
  static bool until(Done done) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  std::string status_of(const std::string& id) { return text_at(get("/documents/" + id), "status"); }
  bool becomes_indexed(const std::string& id) {
    return until([&] { return status_of(id) == "INDEXED"; });
  }
  std::string document_text(const std::string& id) { return get("/documents/" + id + "/text").body; }
  std::string take_in(const std::string& source, const std::string& text) {
    const auto taken = ingest(source, text, "take-in-" + source);
    EXPECT_LT(taken.status, 300) << taken.body;
    const auto id = text_at(taken, "id");
    EXPECT_TRUE(becomes_indexed(id));
    return id;
  }
  std::size_t hits(const std::string& words) {
    const auto found = post("/query", {{"query", words}, {"retrieval_only", true}}, "");
    EXPECT_EQ(found.status, 200) << found.body;
    return json::parse(found.body).at("sources").as_array().size();
  }

  // A failed request says that the disk is the reason.
  void expect_refusal(const LocalResponse& response, int nth) {
    const auto error = json::parse(response.body).at("error");
    const bool full = GetParam().kind == DiskFaults::Kind::kNoSpace;
    EXPECT_EQ(response.status, full ? 507 : 503) << "write " << nth << ": " << response.body;
    EXPECT_EQ(error.at("type").as_string(), full ? "out_of_space" : "unavailable");
    EXPECT_NE(std::string(error.at("message").as_string()).find(full ? "full" : "data folder"),
              std::string::npos);
  }
  void arm(int nth) { faults_.fail(nth, GetParam().kind, GetParam().span); }

  // Calls `attempt(nth)` with the nth write failing, for nth from 1 on until no write fails any more.
  template <class Attempt>
  void at_every_write(Attempt attempt) {
    int struck = 0;
    for (int nth = 1; nth <= kMostWrites; nth += kStride) {
      attempt(nth);
      faults_.heal();
      if (HasFatalFailure()) return;
      if (!faults_.struck()) {
        EXPECT_GT(struck, 0);
        RecordProperty("writes", struck);
        return;
      }
      ++struck;
    }
    FAIL() << "still writing after " << kMostWrites << " writes";
  }

  std::int64_t count(const std::string& table) {
    auto db = stores::Connection::open(folder_.file("caprock.db"), stores::Connection::Mode::kReadOnly, "");
    return (*db)->integer("SELECT count(*) FROM " + table, -1).value();
  }
  std::size_t files_in(const std::string& folder) {
    std::size_t files = 0;
    std::error_code none;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / folder, none))
      files += entry.is_regular_file() ? 1 : 0;
    return files;
  }
  // Of the closed database.
  void expect_integrity() {
    root_.reset();
    auto db = stores::Connection::open(folder_.file("caprock.db"), stores::Connection::Mode::kReadWrite, "");
    ASSERT_TRUE(db);
    auto check = (*db)->prepare("PRAGMA integrity_check");
    ASSERT_TRUE(check && check->step().value());
    EXPECT_EQ(check->text(0), "ok");
  }

  stores::testing::TemporaryFolder folder_;
  DiskFaults faults_{folder_.path()};
  ProcessSettings settings_;
  asio::io_context loop_;
  asio::executor_work_guard<asio::io_context::executor_type> busy_{loop_.get_executor()};
  server::RequestStop stop_;
  std::unique_ptr<Root> root_;
};

// One sentence a paragraph. `bytes` above 64 KiB makes the original and the text files of their own.
std::string text_about(const std::string& thing, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += "The " + thing + " of Visby was measured again in spring.\n\n";
  return text;
}

TEST_P(DiskFaultTest, TakingIn_IsWholeOrAbsentAndGoesOn) {
  std::vector<std::string> ids;
  // The larger has files of its own, and a hundred writes: one of the four faults is enough there.
  const bool large =
      GetParam().kind == DiskFaults::Kind::kNoSpace && GetParam().span == DiskFaults::Span::kUntilHealed;
  for (const std::size_t bytes : {200UL, large ? 70'000UL : 2'000UL}) {
    at_every_write([&](int nth) {
      const std::string source = std::to_string(bytes) + "-" + std::to_string(nth);
      const std::string text = text_about("harbour " + source, bytes);
      const std::string key = "key-" + source;
      arm(nth);
      auto taken = ingest(source, text, key);
      if (taken.status >= 300) {
        expect_refusal(taken, nth);
        EXPECT_EQ(hits("harbour"), std::min<std::size_t>(5, ids.size())) << "reads go on";
        faults_.heal();
        taken = ingest(source, text, key);
      }
      ASSERT_LT(taken.status, 300) << taken.body;
      // An accepted document meets the fault later: it waits, it does not fail.
      const auto id = text_at(taken, "id");
      ASSERT_TRUE(until([&] { return faults_.struck() || status_of(id) == "INDEXED"; }));
      EXPECT_NE(status_of(id), "FAILED");
      faults_.heal();
      ASSERT_TRUE(becomes_indexed(id)) << get("/documents/" + id).body;
      EXPECT_EQ(document_text(id).size(), text.size() - 2) << "without the line breaks at the end";
      ids.push_back(id);
    });
  }
  open();
  for (const auto& id : ids) EXPECT_EQ(status_of(id), "INDEXED");
  EXPECT_EQ(count("documents"), ids.size());
  EXPECT_EQ(count("candidates"), 0);
  EXPECT_EQ(hits("harbour"), 5);
  expect_integrity();
}

TEST_P(DiskFaultTest, Replacing_ShowsTheOldOrTheNewWhole) {
  const auto text_of = [](int version) { return text_about("anchor" + std::to_string(version), 300); };
  const auto id = take_in("ledger", text_of(0));
  int shown = 0;
  at_every_write([&](int nth) {
    const auto expect_one_of_both = [&] {
      const std::string now = document_text(id);
      EXPECT_TRUE(text_of(shown).starts_with(now) || text_of(nth).starts_with(now)) << now;
    };
    const std::string key = "replace-" + std::to_string(nth);
    arm(nth);
    auto taken = ingest("ledger", text_of(nth), key);
    expect_one_of_both();
    if (taken.status >= 300) {
      expect_refusal(taken, nth);
      faults_.heal();
      taken = ingest("ledger", text_of(nth), key);
    }
    ASSERT_LT(taken.status, 300) << taken.body;
    EXPECT_EQ(text_at(taken, "id"), id);
    const auto is_new = [&] { return text_of(nth).starts_with(document_text(id)); };
    ASSERT_TRUE(until([&] { return faults_.struck() || is_new(); }));
    expect_one_of_both();
    faults_.heal();
    ASSERT_TRUE(until(is_new));
    shown = nth;
  });
  EXPECT_TRUE(until([&] { return count("garbage") == 0; })) << "old versions go when the disk is back";
  EXPECT_EQ(count("documents"), 1);
  expect_integrity();
}

TEST_P(DiskFaultTest, Deleting_RemovesWholeOrNotAndLeavesNothing) {
  at_every_write([&](int nth) {
    const std::string source = "delete-" + std::to_string(nth);
    const auto id = take_in(source, text_about("buoy", 70'000));
    ASSERT_TRUE(until([&] { return count("garbage") == 0; }));
    arm(nth);
    const auto removed = remove(id);
    if (removed.status >= 300) {
      expect_refusal(removed, nth);
      EXPECT_EQ(get("/documents/" + id).status, 200);
      EXPECT_GT(document_text(id).size(), 69'000);
      faults_.heal();
      EXPECT_LT(remove(id).status, 300);
    }
    EXPECT_EQ(get("/documents/" + id).status, 404);
    EXPECT_EQ(hits("buoy"), 0);
    ASSERT_TRUE(until([&] { return faults_.struck() || count("garbage") == 0; }));
    faults_.heal();
    ASSERT_TRUE(until([&] { return count("garbage") == 0; }));
  });
  EXPECT_EQ(count("chunks"), 0);
  open();
  EXPECT_TRUE(until([&] { return count("blobs") == 0 && files_in("blobs") == 0; }));
  expect_integrity();
}

TEST_P(DiskFaultTest, Chatting_KeepsEachMessageOnce) {
  take_in("facts", text_about("lighthouse", 300));
  at_every_write([&](int nth) {
    const std::string key = "chat-" + std::to_string(nth);
    const json::object body{{"message", "When was the lighthouse of Visby measured?"}};
    arm(nth);
    auto answer = post("/chat", body, key);
    if (answer.status != 200) {
      expect_refusal(answer, nth);
      faults_.heal();
      answer = post("/chat", body, key);
    }
    ASSERT_EQ(answer.status, 200) << answer.body;
    faults_.heal();
    const auto kept = get("/conversations/" + text_at(answer, "conversation_id"));
    ASSERT_EQ(kept.status, 200);
    const auto messages = json::parse(kept.body).at("messages").as_array();
    ASSERT_EQ(messages.size(), 2) << kept.body;
    EXPECT_EQ(messages[0].at("role").as_string(), "user");
    EXPECT_EQ(messages[1].at("role").as_string(), "assistant");
  });
  expect_integrity();
}

TEST_P(DiskFaultTest, Opening_WorksAtTheNextAttempt) {
  const auto id = take_in("facts", text_about("lighthouse", 70'000));
  at_every_write([&](int nth) {
    root_.reset();
    arm(nth);
    if (auto opened = Root::open(settings_, folder_.path(), base::Secret())) {
      root_ = std::move(*opened);
    } else {
      const bool full = GetParam().kind == DiskFaults::Kind::kNoSpace;
      EXPECT_EQ(opened.error().kind, full ? base::ErrorKind::kOutOfSpace : base::ErrorKind::kUnavailable)
          << opened.error().message << " " << opened.error().detail;
      faults_.heal();
      open();
    }
    EXPECT_EQ(status_of(id), "INDEXED");
    EXPECT_EQ(hits("lighthouse"), 5);
  });
  expect_integrity();
}

std::string name_of(const ::testing::TestParamInfo<Fault>& info) {
  const bool full = info.param.kind == DiskFaults::Kind::kNoSpace;
  const bool once = info.param.span == DiskFaults::Span::kOnce;
  return std::string(full ? "NoSpace" : "Broken") + (once ? "Once" : "UntilHealed");
}

INSTANTIATE_TEST_SUITE_P(Faults, DiskFaultTest,
                         ::testing::Values(Fault{DiskFaults::Kind::kNoSpace, DiskFaults::Span::kUntilHealed},
                                           Fault{DiskFaults::Kind::kNoSpace, DiskFaults::Span::kOnce},
                                           Fault{DiskFaults::Kind::kBroken, DiskFaults::Span::kUntilHealed},
                                           Fault{DiskFaults::Kind::kBroken, DiskFaults::Span::kOnce}),
                         name_of);

}  // namespace
}  // namespace caprock::app
