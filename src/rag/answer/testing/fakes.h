#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "rag/answer/answerer.h"

namespace caprock::rag::testing {

/// A passage of document `id` whose content begins at code point `start`.
inline Passage passage(std::string id, std::uint32_t index, std::uint32_t start, std::string content,
                       double score) {
  const auto length = static_cast<std::uint32_t>(base::count_code_points(content));
  Passage out{.key = {.document = stores::DocumentId(std::move(id)), .version = 1, .index = index},
              .score = score};
  out.title = "Report";
  out.source = "report.pdf";
  out.chunk = {.index = index, .span = {start, start + length}, .content = std::move(content), .page = 3};
  return out;
}

/// Gives what `found` says, and keeps what it was asked.
class ScriptedFinder final : public PassageFinder {
 public:
  base::Awaitable<base::Result<Retrieval>> retrieve(const base::RequestContext&,
                                                    RetrieveRequest request) const override {
    asked.push_back(request);
    Retrieval retrieval{
        .passages = found, .degraded = degraded, .query_vector = query_vector, .query_model = query_model};
    if (retrieval.passages.size() > request.top_k) retrieval.passages.resize(request.top_k);
    co_return retrieval;
  }
  std::vector<Passage> found;
  std::vector<float> query_vector;
  std::shared_ptr<llm::Embedder> query_model;
  std::string degraded;
  mutable std::vector<RetrieveRequest> asked;
};

/// Chunks of any collection, as they are pushed.
class MemoryChunks final : public stores::ChunkStore {
 public:
  base::Awaitable<base::Result<void>> put(const base::RequestContext&, stores::CollectionKey,
                                          std::vector<stores::ChunkRecord>) override {
    co_return base::Result<void>{};
  }
  base::Awaitable<base::Result<std::vector<stores::ChunkRecord>>> get(
      const base::RequestContext&, stores::CollectionKey, std::vector<stores::ChunkKey> keys) override {
    std::vector<stores::ChunkRecord> records;
    for (const stores::ChunkKey& key : keys) {
      for (const Passage& one : all) {
        if (one.key == key) records.push_back({.key = key, .chunk = one.chunk});
      }
    }
    co_return records;
  }
  base::Awaitable<base::Result<stores::Page<stores::Chunk>>> list(const base::RequestContext&,
                                                                  stores::CollectionKey, stores::DocumentId,
                                                                  std::uint32_t,
                                                                  stores::PageRequest) override {
    co_return stores::Page<stores::Chunk>{};
  }
  base::Awaitable<base::Result<void>> remove(const base::RequestContext&, stores::CollectionKey,
                                             stores::DocumentId, std::uint32_t) override {
    co_return base::Result<void>{};
  }
  std::vector<Passage> all;
};

/// Nothing in it.
class NoBlobs final : public stores::BlobStore {
 public:
  base::Awaitable<base::Result<void>> put(const base::RequestContext&, std::string, std::string) override {
    co_return base::Result<void>{};
  }
  base::Awaitable<base::Result<std::string>> get(const base::RequestContext&, std::string) override {
    co_return base::failure(base::not_found("no such blob"));
  }
  base::Awaitable<base::Result<void>> remove(const base::RequestContext&, std::string) override {
    co_return base::Result<void>{};
  }
};

/// A turn of the script: pieces of text, or an error before or after them.
struct Reply {
  std::vector<std::string> pieces;
  std::optional<base::Error> refused;  ///< by converse
  std::optional<base::Error> broken;   ///< by the stream, after the pieces
  llm::StopReason stop = llm::StopReason::kEndTurn;
};

class ScriptedStream final : public llm::ChatStream {
 public:
  explicit ScriptedStream(Reply reply) : reply_(std::move(reply)) {}
  base::Awaitable<base::Result<std::optional<llm::StreamEvent>>> next() override {
    std::optional<llm::StreamEvent> event;
    if (at_ < reply_.pieces.size()) {
      event = llm::TextDelta{.block = 0, .text = reply_.pieces[at_]};
    } else if (reply_.broken) {
      co_return base::failure(*reply_.broken);
    } else if (at_ == reply_.pieces.size()) {
      event = llm::MessageStop{.reason = reply_.stop};
    } else if (at_ == reply_.pieces.size() + 1) {
      event = llm::StreamMetadata{.usage = {.input_tokens = 100, .output_tokens = 10}, .model = "scripted-1"};
    }
    ++at_;
    co_return event;
  }

 private:
  Reply reply_;
  std::size_t at_ = 0;
};

/// Plays its replies in order, and keeps what it was asked.
class ScriptedModel final : public llm::ChatModel {
 public:
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext&, llm::ChatRequest request) override {
    asked.push_back(std::move(request));
    if (replies.empty()) co_return base::failure(base::internal_error("the script is over"));
    Reply reply = std::move(replies.front());
    replies.pop_front();
    if (reply.refused) co_return base::failure(*reply.refused);
    co_return std::make_unique<ScriptedStream>(std::move(reply));
  }
  std::deque<Reply> replies;
  std::vector<llm::ChatRequest> asked;
};

/// Writes down what it is told: "R" for retrieved, the text of tokens, "<n>" for citations.
struct Recorder {
  std::string log;
  AnswerSink sink() {
    return [this](AnswerEvent event) { return write(std::move(event)); };
  }
  base::Awaitable<base::Result<void>> write(AnswerEvent event) {
    if (std::holds_alternative<Retrieved>(event)) log += "R|";
    if (const auto* token = std::get_if<Token>(&event)) log += token->text + "|";
    if (const auto* citation = std::get_if<Citation>(&event))
      log += "<" + std::to_string(citation->number) + ">|";
    co_return base::Result<void>{};
  }
};

}  // namespace caprock::rag::testing
