#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "llm/chat_model.h"
#include "llm/native_model.h"
#include "server/auth.h"
#include "server/dispatch.h"
#include "server/in_process.h"
#include "server/router.h"
#include "server/surfaces/bedrock/bedrock_routes.h"
#include "server/test_support.h"

namespace caprock::server::testing {

/// A stream, or a reply, that is what the test says.
class ScriptedStream final : public llm::ChatStream {
 public:
  using Script = std::vector<base::Result<llm::StreamEvent>>;
  explicit ScriptedStream(Script script) : script_(std::move(script)) {}
  base::Awaitable<base::Result<std::optional<llm::StreamEvent>>> next() override {
    if (at_ == script_.size()) co_return std::nullopt;
    CAPROCK_CO_TRY(auto event, std::move(script_[at_++]));
    co_return event;
  }

 private:
  Script script_;
  std::size_t at_ = 0;
};

class ScriptedModel final : public llm::ChatModel {
 public:
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext&, llm::ChatRequest request) override {
    asked = std::move(request);
    if (refusal) co_return base::failure(*refusal);
    co_return std::make_unique<ScriptedStream>(script);
  }
  ScriptedStream::Script script;
  std::optional<base::Error> refusal;
  llm::ChatRequest asked;
};

/// A native answer: pieces, and whether each of them ends between two events.
struct NativeScript {
  int status = 200;
  llm::NativeHeaders headers = {{"Content-Type", "application/json"}};
  std::vector<base::Result<std::string>> pieces = {};
  bool between = true;  ///< after the last of them
  bool stream = false;
};

class ScriptedReply final : public llm::NativeReply {
 public:
  explicit ScriptedReply(NativeScript script) : script_(std::move(script)) {}
  int status() const override { return script_.status; }
  const llm::NativeHeaders& headers() const override { return script_.headers; }
  bool is_stream() const override { return script_.stream; }
  base::Awaitable<base::Result<std::optional<std::string>>> read(const base::RequestContext&) override {
    if (at_ == script_.pieces.size()) co_return std::nullopt;
    CAPROCK_CO_TRY(std::string piece, script_.pieces[at_++]);
    co_return piece;
  }
  bool between_events() const override { return script_.between; }
  const base::Error* error() const override { return nullptr; }
  const llm::StreamMetadata& metadata() const override { return metadata_; }

 private:
  NativeScript script_;
  std::size_t at_ = 0;
  llm::StreamMetadata metadata_;
};

/// Takes every model whose name begins with "native", and operations that name none.
class ScriptedNative final : public llm::NativeModel {
 public:
  bool is_native(const std::string& model, llm::NativeOperation) const override {
    return there && (model.empty() || model.starts_with("native"));
  }
  base::Awaitable<base::Result<std::unique_ptr<llm::NativeReply>>> call(
      const base::RequestContext&, const llm::NativeCall& call) override {
    asked = call;
    if (refusal) co_return base::failure(*refusal);
    co_return std::make_unique<ScriptedReply>(script);
  }
  bool there = true;
  NativeScript script;
  std::optional<base::Error> refusal;
  llm::NativeCall asked;
};

/// The routes over scripted models, without a socket.
struct BedrockDoor {
  LocalResponse ask(std::string method, std::string target, std::string body = "", Headers headers = {}) {
    if (!body.empty() && !headers.has("content-type")) headers.add("content-type", "application/json");
    return run(door.call({.method = std::move(method),
                          .target = std::move(target),
                          .headers = std::move(headers),
                          .body = std::move(body)},
                         stop));
  }
  LocalResponse post(std::string target, std::string body, Headers headers = {}) {
    return ask("POST", std::move(target), std::move(body), std::move(headers));
  }
  void say(std::initializer_list<llm::StreamEvent> events) {
    for (const auto& event : events) model.script.emplace_back(event);
  }

  BedrockParts parts() {
    return {.chat = model,
            .native = native,
            .clock = base::system_clock(),
            .models = [this](const base::RequestContext&) { return listed(); },
            .json = {},
            .tokens = tokens,
            .reranker = [this](const std::string& name) { return name == "ours" ? reranker : nullptr; }};
  }
  base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> listed() { co_return models; }

  explicit BedrockDoor(llm::TokenCounter* counter = nullptr, llm::Reranker* ranker = nullptr)
      : tokens(counter), reranker(ranker) {}

  ScriptedModel model;
  ScriptedNative native;
  std::vector<llm::ModelInfo> models;
  llm::TokenCounter* tokens;
  llm::Reranker* reranker;
  Settings settings;
  RequestStop stop;
  Router router{bedrock_routes(parts())};
  Auth auth{settings, base::Secret()};
  Dispatcher dispatcher{router, auth, settings, base::null_metrics()};
  InProcess door{dispatcher};
};

}  // namespace caprock::server::testing
