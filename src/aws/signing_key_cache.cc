#include "aws/signing_key_cache.h"

#include <algorithm>
#include <functional>

namespace caprock::aws {

SigningKeyCache::SigningKeyCache(std::size_t entries)
    : count_(std::max<std::size_t>(1, (entries + 3) / 4)), sets_(std::make_unique<Set[]>(count_)) {}

bool SigningKeyCache::Entry::is(const Name& name) const {
  return key && access_key_id == name.access_key_id && day == name.day && region == name.scope.region &&
         service == name.scope.service && secret.reveal() == name.secret;
}

SigningKeyCache::Set& SigningKeyCache::set_of(const Name& name) const {
  const std::hash<std::string_view> hash;
  const std::size_t mixed =
      hash(name.access_key_id) * 31 + hash(name.scope.region) * 7 + hash(name.scope.service);
  return sets_[mixed % count_];
}

std::optional<base::HmacSha256Key> SigningKeyCache::find(const Name& name) const {
  Set& set = set_of(name);
  const std::lock_guard lock(set.mutex);
  const auto entry = std::ranges::find_if(set.entries, [&](const Entry& e) { return e.is(name); });
  return entry == set.entries.end() ? std::nullopt : entry->key;
}

void SigningKeyCache::insert(const Name& name, const base::HmacSha256Key& key) {
  Set& set = set_of(name);
  const std::lock_guard lock(set.mutex);
  if (std::ranges::any_of(set.entries, [&](const Entry& e) { return e.is(name); })) return;
  Entry& place = set.entries[set.oldest++ % set.entries.size()];
  place = Entry{.access_key_id = std::string(name.access_key_id),
                .day = std::string(name.day),
                .region = std::string(name.scope.region),
                .service = std::string(name.scope.service),
                .secret = base::Secret(std::string(name.secret)),
                .key = key};
}

}  // namespace caprock::aws
