#pragma once

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/testing/fakes.h"
#include "server/in_process.h"
#include "server/keys/issued_key_authenticator.h"
#include "server/surfaces/rest/rest_routes.h"
#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/conversation_store.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/key_store.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::server::rest::testing {

/// Takes documents into the real store and "ingests" them when they are waited for: text is the bytes, one
/// chunk. Bytes that begin with "FAIL" fail.
class FakeIntake final : public rag::DocumentIntake {
 public:
  FakeIntake(stores::DocumentStore& documents, stores::ChunkStore& chunks)
      : documents_(documents), chunks_(chunks) {}
  base::Awaitable<base::Result<stores::Accepted>> submit(const base::RequestContext& context,
                                                         rag::Submission submission) override;
  base::Awaitable<base::Result<stores::Document>> wait(const base::RequestContext& context,
                                                       stores::DocumentId id) override;
  base::Awaitable<base::Result<std::string>> text(const base::RequestContext& context,
                                                  const stores::Document& document) override;
  base::Awaitable<base::Result<std::string>> original(const base::RequestContext& context,
                                                      const stores::Document& document) override;
  std::vector<rag::Submission> submitted;

 private:
  stores::DocumentStore& documents_;
  stores::ChunkStore& chunks_;
  std::map<std::string, std::string> bytes_;
};

class FakeFinder final : public rag::PassageFinder {
 public:
  base::Awaitable<base::Result<rag::Retrieval>> retrieve(const base::RequestContext& context,
                                                         rag::RetrieveRequest request) const override;
  mutable std::vector<rag::RetrieveRequest> asked;
};

/// A model that answers as the test says; it repeats the question otherwise.
class FakeModel final : public llm::ChatModel {
 public:
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext& context, llm::ChatRequest request) override;
  std::function<base::Result<std::vector<llm::StreamEvent>>(const llm::ChatRequest&)> answer;
  std::vector<llm::ChatRequest> asked;
  std::vector<std::string> request_ids;
};

/// The REST surface over the real SQLite stores, with scripted answering, called in process.
class RestTest : public ::testing::Test {
 protected:
  RestTest();
  LocalResponse call(LocalRequest request);
  LocalResponse get(std::string target) { return call({.target = std::move(target)}); }
  LocalResponse post(std::string target, std::string body, std::string key = "");
  LocalResponse upload(std::string target, const std::string& body, std::string key = "");
  static boost::json::value json_of(const LocalResponse& response);
  /// "status|field|message" of an error answer.
  static std::string error_of(const LocalResponse& response);

  boost::asio::io_context loop;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy{loop.get_executor()};
  stores::testing::TemporaryFolder folder;
  std::unique_ptr<stores::Database> db;
  base::ManualClock clock{base::WallTime(std::chrono::seconds(1'772'357'400))};
  std::unique_ptr<stores::SqliteDocumentStore> documents;
  std::unique_ptr<stores::SqliteChunkStore> chunks;
  std::unique_ptr<stores::SqliteConversationStore> conversations;
  std::unique_ptr<stores::SqliteKeyStore> key_store;
  KeySettings key_settings;
  KeyRing ring;
  std::unique_ptr<KeyService> keys;
  std::unique_ptr<FakeIntake> intake;
  agent::testing::ScriptedAnswerer answerer;
  FakeFinder finder;
  FakeModel model;
  agent::ToolRegistry tools;
  std::unique_ptr<agent::ChatService> chat;
  base::Result<Fetched> fetched =
      base::failure(base::Error(base::ErrorKind::kPermissionDenied, "a private address"));
  std::vector<Dependency> dependencies;

  Settings settings;
  RequestStop stop;
  std::unique_ptr<Router> router;
  std::unique_ptr<Auth> auth;
  std::unique_ptr<Dispatcher> dispatcher;
};

}  // namespace caprock::server::rest::testing
