#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/result.h"
#include "server/exchange.h"
#include "server/surfaces/rest/multipart.h"
#include "server/surfaces/rest/request_bodies.h"

namespace caprock::server::rest {

/// The bytes that all uploads of the process hold at once. Thread safe.
class UploadMemory {
 public:
  explicit UploadMemory(std::uint64_t limit) : limit_(limit) {}
  bool take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes) { held_.fetch_sub(bytes); }

 private:
  std::uint64_t limit_;
  std::atomic<std::uint64_t> held_{0};
};

/// A share of it, given back on destruction.
class UploadShare {
 public:
  explicit UploadShare(UploadMemory& memory) : memory_(memory) {}
  ~UploadShare() { memory_.give_back(bytes_); }
  UploadShare(const UploadShare&) = delete;
  UploadShare& operator=(const UploadShare&) = delete;
  bool take(std::uint64_t bytes);

 private:
  UploadMemory& memory_;
  std::uint64_t bytes_ = 0;
};

/// A whole upload. Nothing of it is ingested before all of it has been read, so that a broken one has no
/// effect.
struct Upload {
  UploadForm form;
  std::vector<Part> files;
  /// Over names and bytes of the parts: a client that retries makes another boundary.
  std::string digest;
};

/// Errors: those of the body, of the multipart parser, of the form's fields; kInvalidArgument without a file;
/// kUnavailable with retry_after when too many uploads are under way.
base::Awaitable<base::Result<Upload>> read_upload(Request& request, UploadShare& share);

/// What names the document of a file: the form's folder, the folder of the file's name, and the name.
std::string upload_source(const UploadForm& form, const Part& file);

}  // namespace caprock::server::rest
