#include "providers/model_router.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/all_of.h"
#include "base/log.h"
#include "llm/token_estimate.h"

namespace caprock::providers {

using base::failure;
using base::Result;

ModelRouter::ModelRouter(std::vector<Provider> providers, ModelSettings settings, const base::Clock& clock)
    : providers_(std::move(providers)), settings_(std::move(settings)), clock_(clock) {}

const Provider* ModelRouter::named(std::string_view name) const {
  const auto found = std::ranges::find(providers_, name, &Provider::name);
  return found == providers_.end() ? nullptr : &*found;
}

const Provider* ModelRouter::fallback() const {
  if (!settings_.provider.empty()) return named(settings_.provider);
  const auto found = std::ranges::find(providers_, true, &Provider::configured);
  return found == providers_.end() ? nullptr : &*found;
}

// "openai/gpt-x" is a model of OpenRouter too, so a prefix counts only where its provider can be asked.
ModelRouter::Found ModelRouter::find(const std::string& model) const {
  const auto slash = model.find('/');
  const Provider* by_prefix = slash == std::string::npos ? nullptr : named(model.substr(0, slash));
  if (by_prefix != nullptr && by_prefix->chat) return {by_prefix, model.substr(slash + 1), {}};
  for (const Provider& provider : providers_)
    if (provider.owns && provider.owns(model))
      return {provider.chat ? &provider : nullptr, model, provider.needs};
  const Provider* rest = fallback();
  if (rest != nullptr && rest->chat) return {rest, model, {}};
  return {nullptr, model, by_prefix == nullptr ? std::string() : by_prefix->needs};
}

base::Error ModelRouter::nobody(const std::string& model, const Found& found) const {
  std::string needed = found.needs;
  for (const Provider& provider : providers_) {
    if (!found.needs.empty()) break;
    needed += (needed.empty() ? "" : ", ") + provider.needs;
  }
  const std::string_view one = found.needs.empty() ? "one of " : "";
  return base::not_found(
             fmt::format("there is no provider for the model \"{}\": set {}{}", model, one, needed))
      .with_field("model");
}

std::string ModelRouter::trouble_with(const std::string& model) const {
  const Found found = find(model);
  return found.provider == nullptr ? nobody(model, found).message : std::string();
}

Result<ModelPlace> ModelRouter::place(const std::string& asked) const {
  const std::string& model = asked.empty() ? settings_.default_model : asked;
  if (model.empty())
    return failure(base::invalid_argument("model", "must be given: there is no default ([models] default)"));
  Found found = find(model);
  if (found.provider == nullptr) return failure(nobody(model, found));
  return ModelPlace{.id = model,
                    .provider = found.provider->name,
                    .account = found.provider->account,
                    .region = found.provider->region ? found.provider->region() : std::string(),
                    .model = std::move(found.model)};
}

Result<const Provider*> ModelRouter::address(llm::ChatRequest& request) const {
  if (request.model.empty()) request.model = settings_.default_model;
  if (request.model.empty())
    return failure(base::invalid_argument("model", "must be given: there is no default ([models] default)"));
  Found found = find(request.model);
  if (found.provider == nullptr) return failure(nobody(request.model, found));
  request.model = std::move(found.model);
  return found.provider;
}

base::Awaitable<Result<std::unique_ptr<llm::ChatStream>>> ModelRouter::converse(
    const base::RequestContext& context, llm::ChatRequest request) {
  CAPROCK_CO_TRY(const Provider* provider, address(request));
  co_return co_await provider->chat->converse(context, std::move(request));
}

base::Awaitable<Result<llm::TokenCount>> ModelRouter::count(const base::RequestContext& context,
                                                            llm::ChatRequest request) {
  CAPROCK_CO_TRY(const Provider* provider, address(request));
  if (!provider->token_counter)
    co_return llm::TokenCount{.input_tokens = llm::estimate_tokens(request), .estimated = true};
  co_return co_await provider->token_counter->count(context, std::move(request));
}

ModelRouter::Found ModelRouter::find_native(const std::string& model) const {
  if (!model.empty()) return find(model);
  const auto found = std::ranges::find_if(
      providers_, [](const Provider& provider) { return provider.configured && provider.native; });
  return {found == providers_.end() ? nullptr : &*found, model, {}};
}

bool ModelRouter::is_native(const std::string& model, llm::NativeOperation operation) const {
  const Found found = find_native(model);
  return found.provider != nullptr && found.provider->native &&
         found.provider->native->is_native(found.model, operation);
}

base::Awaitable<Result<std::unique_ptr<llm::NativeReply>>> ModelRouter::call(
    const base::RequestContext& context, const llm::NativeCall& call) {
  const Found found = find_native(call.model);
  if (found.provider == nullptr) co_return failure(nobody(call.model, found));
  if (!found.provider->native)
    co_return failure(
        base::Error(base::ErrorKind::kNotImplemented,
                    fmt::format("the provider of the model \"{}\" has no such operation", call.model))
            .with_field("model"));
  if (found.model == call.model) co_return co_await found.provider->native->call(context, call);
  llm::NativeCall addressed = call;
  addressed.model = found.model;
  co_return co_await found.provider->native->call(context, addressed);
}

Result<std::unique_ptr<llm::Embedder>> ModelRouter::embedder(EmbeddingChoice choice) const {
  Found found = find(choice.model);
  if (found.provider == nullptr) {
    base::Error error = nobody(choice.model, found);
    return failure(base::invalid_argument("embeddings.model", "[embeddings] model: " + error.message));
  }
  if (!found.provider->embedder)
    return failure(base::invalid_argument(
        "embeddings.model", "[embeddings] model: " + found.provider->name + " has no embedding models"));
  choice.model = std::move(found.model);
  return found.provider->embedder(std::move(choice));
}

llm::Reranker* ModelRouter::reranker() const {
  for (const Provider& provider : providers_)
    if (provider.reranker) return provider.reranker.get();
  return nullptr;
}

llm::Guardrail* ModelRouter::guardrail() const {
  for (const Provider& provider : providers_)
    if (provider.guardrail) return provider.guardrail.get();
  return nullptr;
}

// "provider/model@dimension", with a mark behind it when there are prefixes.
std::unique_ptr<llm::Embedder> ModelRouter::embedder_of(const std::string& fingerprint,
                                                        EmbeddingChoice choice) const {
  const auto at = fingerprint.rfind('@');
  const auto slash = fingerprint.find('/');
  if (at == std::string::npos || slash == std::string::npos || slash > at) return nullptr;
  const Provider* provider = named(fingerprint.substr(0, slash));
  if (provider == nullptr || !provider->embedder) return nullptr;
  choice.model = fingerprint.substr(slash + 1, at - slash - 1);
  choice.dimension = std::strtoull(fingerprint.c_str() + at + 1, nullptr, 10);
  auto made = provider->embedder(std::move(choice));
  // Prefixes that were others then make other vectors.
  if (!made || (*made)->info().fingerprint != fingerprint) return nullptr;
  return std::move(*made);
}

bool ModelRouter::fresh(const Provider& provider) const {
  const std::lock_guard lock(mutex_);
  const auto found = listed_.find(provider.name);
  return found != listed_.end() && clock_.mono() - found->second.at < settings_.catalog_time;
}

base::Awaitable<Result<void>> ModelRouter::refresh(const base::RequestContext& context,
                                                   const Provider& provider) {
  auto models = co_await provider.catalog->models(context);
  if (!models) {
    base::log_error(context, "the models of a provider cannot be listed", models.error());
    co_return Result<void>{};
  }
  for (llm::ModelInfo& model : *models) model.listed_at = clock_.wall();
  const std::lock_guard lock(mutex_);
  listed_[provider.name] = {.models = std::move(*models), .at = clock_.mono()};
  co_return Result<void>{};
}

base::Awaitable<Result<std::vector<llm::ModelInfo>>> ModelRouter::models(
    const base::RequestContext& context) {
  std::vector<base::Awaitable<Result<void>>> parts;
  for (const Provider& provider : providers_)
    if (provider.configured && provider.catalog && !fresh(provider))
      parts.push_back(refresh(context, provider));
  CAPROCK_CO_CHECK(co_await base::all_of(std::move(parts)));
  std::vector<llm::ModelInfo> all;
  const std::lock_guard lock(mutex_);
  for (const Provider& provider : providers_) {
    const auto found = listed_.find(provider.name);
    if (found != listed_.end())
      all.insert(all.end(), found->second.models.begin(), found->second.models.end());
  }
  co_return all;
}

}  // namespace caprock::providers
