#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/result.h"
#include "server/body_memory.h"
#include "server/exchange.h"
#include "server/surfaces/rest/multipart.h"
#include "server/surfaces/rest/request_bodies.h"

namespace caprock::server::rest {

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
base::Awaitable<base::Result<Upload>> read_upload(Request& request, BodyShare& share);

/// What names the document of a file: the form's folder, the folder of the file's name, and the name.
std::string upload_source(const UploadForm& form, const Part& file);

}  // namespace caprock::server::rest
