#include "quality/embedding_cache.h"

#include <algorithm>

#include "base/sha256.h"

namespace caprock::bench {

namespace {

constexpr const char* kProbe =
    "The cooper of Visby delivered thirty barrels of herring before the frost came.";

}  // namespace

// A record of the file: the key, then the numbers of the vector as they are in memory.
EmbeddingCache::EmbeddingCache(llm::Embedder& inner, const std::filesystem::path& folder)
    : inner_(inner),
      dimension_(inner.info().dimension),
      path_(folder / (base::sha256_hex(inner.info().fingerprint).substr(0, 16) + ".vectors")) {
  std::filesystem::create_directories(folder);
  load();
  file_.open(path_, std::ios::binary | std::ios::app);
}

void EmbeddingCache::load() {
  const std::size_t record = sizeof(Key) + dimension_ * sizeof(float);
  std::error_code none;
  const auto size = std::filesystem::file_size(path_, none);
  if (none) return;
  // A run that was stopped may have left half a record.
  std::filesystem::resize_file(path_, size / record * record);
  std::ifstream in(path_, std::ios::binary);
  Key key;
  std::vector<float> row(dimension_);
  while (
      in.read(reinterpret_cast<char*>(key.data()), sizeof key) &&
      in.read(reinterpret_cast<char*>(row.data()), static_cast<std::streamsize>(dimension_ * sizeof(float))))
    known_.insert_or_assign(key, row);
}

void EmbeddingCache::forget() {
  known_.clear();
  file_.close();
  file_.open(path_, std::ios::binary | std::ios::trunc);
}

base::Awaitable<base::Result<void>> EmbeddingCache::check(const base::RequestContext& context) {
  const Key key = key_of(kProbe, llm::EmbedPurpose::kPassage);
  std::vector<std::string> probe{kProbe};
  auto fresh = co_await inner_.embed(context, std::move(probe), llm::EmbedPurpose::kPassage);
  if (!fresh) co_return base::failure(std::move(fresh).error());
  const auto before = known_.find(key);
  if (!known_.empty() && (before == known_.end() || !std::ranges::equal(before->second, fresh->row(0))))
    forget();
  keep(key, fresh->row(0));
  co_return base::Result<void>();
}

EmbeddingCache::Key EmbeddingCache::key_of(const std::string& text, llm::EmbedPurpose purpose) {
  return base::sha256((purpose == llm::EmbedPurpose::kQuery ? "query\n" : "passage\n") + text);
}

void EmbeddingCache::keep(const Key& key, std::span<const float> row) {
  if (!known_.try_emplace(key, row.begin(), row.end()).second) return;
  file_.write(reinterpret_cast<const char*>(key.data()), sizeof key);
  file_.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size_bytes()));
}

base::Awaitable<base::Result<llm::Embeddings>> EmbeddingCache::embed(const base::RequestContext& context,
                                                                     std::vector<std::string> texts,
                                                                     llm::EmbedPurpose purpose) {
  std::vector<Key> keys;
  std::vector<Key> missing;
  std::vector<std::string> unknown;
  for (const std::string& text : texts) {
    keys.push_back(key_of(text, purpose));
    if (known_.contains(keys.back())) continue;
    missing.push_back(keys.back());
    unknown.push_back(text);
  }
  if (!unknown.empty()) {
    auto fresh = co_await inner_.embed(context, std::move(unknown), purpose);
    if (!fresh) co_return base::failure(std::move(fresh).error());
    for (std::size_t i = 0; i < missing.size(); ++i) keep(missing[i], fresh->row(i));
    file_.flush();
  }
  llm::Embeddings out{.dimension = dimension_};
  for (const Key& key : keys) {
    const std::vector<float>& row = known_.at(key);
    out.values.insert(out.values.end(), row.begin(), row.end());
  }
  co_return out;
}

}  // namespace caprock::bench
