#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "base/secret.h"
#include "base/sha256.h"

namespace caprock::aws {

/// Signing keys that were derived already, so that one is derived a day, region, service and secret. A fixed
/// number of places in sets of four; in a full set the oldest goes. Any thread: a lock a set, held for a
/// comparison and a copy.
class SigningKeyCache {
 public:
  struct Name {
    std::string_view access_key_id;
    std::string_view secret;  ///< part of the name: an id whose secret was replaced must not find the old key
    std::string_view day;     ///< "20260102"
    SigningScope scope;
  };
  explicit SigningKeyCache(std::size_t entries);

  std::optional<base::HmacSha256Key> find(const Name& name) const;
  void insert(const Name& name, const base::HmacSha256Key& key);

 private:
  struct Entry {
    std::string access_key_id, day, region, service;
    base::Secret secret;
    std::optional<base::HmacSha256Key> key;
    bool is(const Name& name) const;
  };
  struct Set {
    mutable std::mutex mutex;
    std::array<Entry, 4> entries;
    std::size_t oldest = 0;
  };
  Set& set_of(const Name& name) const;

  std::size_t count_;
  std::unique_ptr<Set[]> sets_;
};

}  // namespace caprock::aws
