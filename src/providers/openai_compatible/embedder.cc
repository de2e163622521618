#include "providers/openai_compatible/embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/sha256.h"
#include "base/utf8.h"
#include "providers/openai_compatible/embedding_codec.h"

namespace caprock::providers::openai {

using base::failure;
using base::Result;

namespace {

constexpr std::size_t kBatch = 64;           // passages of 1000 characters: about 16,000 tokens a request
constexpr std::size_t kLargestBatch = 2048;  // OpenAI's limit

struct KnownModel {
  std::string_view name;
  std::size_t dimension;
  std::size_t max_tokens;
};

// Of the models' cards: platform.openai.com/docs/guides/embeddings, ollama.com/library.
constexpr std::array kKnown{KnownModel{"text-embedding-3-small", 1536, 8191},
                            KnownModel{"text-embedding-3-large", 3072, 8191},
                            KnownModel{"text-embedding-ada-002", 1536, 8191},
                            KnownModel{"nomic-embed-text", 768, 2048},
                            KnownModel{"mxbai-embed-large", 1024, 512},
                            KnownModel{"all-minilm", 384, 256},
                            KnownModel{"bge-m3", 1024, 8192}};

/// By the name without a vendor before it or a tag behind it: "openai/text-embedding-3-small",
/// "bge-m3:latest".
const KnownModel* known(std::string_view model) {
  if (const auto slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  model = model.substr(0, model.find(':'));
  const auto found = std::ranges::find(kKnown, model, &KnownModel::name);
  return found == kKnown.end() ? nullptr : &*found;
}

// Only a model that can shorten its vectors takes `dimensions`; the others refuse it.
std::size_t shortened(const EmbeddingChoice& choice) {
  const KnownModel* card = known(choice.model);
  return card != nullptr && choice.dimension != card->dimension ? choice.dimension : 0;
}

// Vectors compare when server, model, dimension and prefixes are the same.
llm::EmbedderInfo info_of(const Dialect& dialect, const EmbeddingChoice& choice) {
  const KnownModel* card = known(choice.model);
  const std::size_t dimension = choice.dimension != 0 ? choice.dimension : card->dimension;
  std::string fingerprint = fmt::format("{}/{}@{}", dialect.name, choice.model, dimension);
  if (!choice.query_prefix.empty() || !choice.passage_prefix.empty())
    fingerprint += "#" + base::sha256_hex(choice.query_prefix + '\n' + choice.passage_prefix).substr(0, 12);
  return {.fingerprint = std::move(fingerprint),
          .name = fmt::format("{}/{}", dialect.name, choice.model),
          .dimension = dimension,
          .max_tokens = card == nullptr ? 0 : card->max_tokens,
          .batch = choice.batch == 0 ? kBatch : std::min(choice.batch, kLargestBatch)};
}

}  // namespace

RemoteEmbedder::RemoteEmbedder(std::shared_ptr<const Server> server, EmbeddingChoice choice)
    : server_(std::move(server)),
      choice_(std::move(choice)),
      info_(info_of(server_->dialect(), choice_)),
      shortened_(shortened(choice_)) {}

Result<std::unique_ptr<llm::Embedder>> RemoteEmbedder::make(std::shared_ptr<const Server> server,
                                                            EmbeddingChoice choice) {
  if (choice.dimension == 0 && known(choice.model) == nullptr)
    return failure(base::invalid_argument(
        "embeddings.dimension",
        fmt::format("[embeddings] dimension must be set for {}: nothing is known here of its vectors",
                    choice.model)));
  return std::unique_ptr<llm::Embedder>(new RemoteEmbedder(std::move(server), std::move(choice)));
}

base::Awaitable<Result<llm::Embeddings>> RemoteEmbedder::embed(const base::RequestContext& context,
                                                               std::vector<std::string> texts,
                                                               llm::EmbedPurpose purpose) {
  const std::string& prefix =
      purpose == llm::EmbedPurpose::kQuery ? choice_.query_prefix : choice_.passage_prefix;
  for (std::string& text : texts) {
    if (!base::is_valid_utf8(text)) co_return failure(base::invalid_argument("texts", "must be UTF-8"));
    // An empty input is refused by most servers, and has no meaning to be embedded.
    text.insert(0, prefix);
    if (text.empty()) text = " ";
  }
  llm::Embeddings out{.dimension = info_.dimension, .values = {}, .usage = {}};
  out.values.reserve(texts.size() * info_.dimension);
  for (std::size_t at = 0; at < texts.size(); at += info_.batch) {
    const std::size_t count = std::min(info_.batch, texts.size() - at);
    std::string body =
        encode_embedding_request(choice_.model, std::span(texts).subspan(at, count), shortened_);
    CAPROCK_CO_TRY(auto response,
                   co_await server_->post(context, "/embeddings", std::move(body), choice_.model));
    CAPROCK_CO_TRY(const auto text, co_await server_->read_all(context, *response));
    CAPROCK_CO_CHECK(decode_embeddings(server_->dialect(), choice_.model, text, count, out));
  }
  co_return out;
}

}  // namespace caprock::providers::openai
