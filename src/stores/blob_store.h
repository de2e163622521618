#pragma once

#include <string>

#include "base/awaitable.h"
#include "base/context.h"

namespace caprock::stores {

/// Bytes under keys: originals and extracted texts. Keys are `/`-separated segments of [A-Za-z0-9._-], the
/// tenant first. Thread safe. Errors of all: kOutOfSpace, kUnavailable, kInternal.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  /// Durable when it returns; replaces what was there in one step.
  virtual base::Awaitable<base::Result<void>> put(const base::RequestContext& context, std::string key,
                                                  std::string bytes) = 0;
  /// kNotFound when there is none.
  virtual base::Awaitable<base::Result<std::string>> get(const base::RequestContext& context,
                                                         std::string key) = 0;
  /// No error when there is none.
  virtual base::Awaitable<base::Result<void>> remove(const base::RequestContext& context,
                                                     std::string key) = 0;
};

}  // namespace caprock::stores
