#include "rag/vectors/serving_models.h"

namespace caprock::rag {

// The configured model is not ours: the pointer owns nothing.
ServingModels::ServingModels(llm::Embedder& configured, Open open)
    : configured_(std::shared_ptr<void>(), &configured), open_(std::move(open)) {}

std::vector<ServingModel> ServingModels::choose(const stores::CollectionKey& collection) const {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(collection);
  if (entry == entries_.end()) return {{.embedder = configured_, .gap = ""}};
  std::vector<ServingModel> models;
  if (const auto& earlier = entry->second.earlier)
    models.push_back({.embedder = {earlier, earlier->model.get()}, .gap = ""});
  models.push_back({.embedder = configured_, .gap = entry->second.gap});
  return models;
}

std::shared_ptr<llm::Embedder> ServingModels::opened(const std::string& fingerprint) {
  std::weak_ptr<llm::Embedder>& known = earlier_models_[fingerprint];
  if (auto model = known.lock()) return model;
  std::shared_ptr<llm::Embedder> model = open_ ? open_(fingerprint) : nullptr;
  known = model;
  return model;
}

bool ServingModels::serve_earlier(const stores::CollectionKey& collection, const std::string& fingerprint) {
  const std::lock_guard lock(mutex_);
  auto model = opened(fingerprint);
  if (model == nullptr) return false;
  entries_[collection].earlier = std::make_shared<Earlier>(std::move(model));
  return true;
}

std::vector<stores::CollectionKey> ServingModels::served_by_earlier() const {
  const std::lock_guard lock(mutex_);
  std::vector<stores::CollectionKey> collections;
  for (const auto& [collection, entry] : entries_)
    if (entry.earlier != nullptr) collections.push_back(collection);
  return collections;
}

void ServingModels::set_gap(const stores::CollectionKey& collection, std::string gap) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(collection);
  if (entry == entries_.end()) {
    if (!gap.empty()) entries_[collection].gap = std::move(gap);
    return;
  }
  entry->second.gap = std::move(gap);
  if (entry->second.gap.empty() && entry->second.earlier == nullptr) entries_.erase(entry);
}

std::weak_ptr<const void> ServingModels::serve_configured(const stores::CollectionKey& collection) {
  std::shared_ptr<Earlier>
      earlier;  // may be the last to hold the model, whose end takes a while: after the lock
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(collection);
  if (entry == entries_.end()) return {};
  earlier = std::move(entry->second.earlier);
  entries_.erase(entry);
  return earlier;
}

}  // namespace caprock::rag
