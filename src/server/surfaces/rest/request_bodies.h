#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json/fields.h"
#include "stores/filter.h"
#include "stores/types.h"

namespace caprock::server::rest {

// Bodies of requests. Each has one declaration of its fields, which reads it and describes it in the
// contract.

inline constexpr std::size_t kMaxQuery = 16'000;  ///< code points

struct QueryBody {
  std::string query;
  std::uint32_t top_k = 5;
  std::shared_ptr<const stores::Filter> filter;
  std::string model;
  std::string collection = "default";
  bool retrieval_only = false;
};
const base::Fields<QueryBody>& query_fields();

struct ChatBody {
  std::string message;
  std::optional<std::string> conversation_id;
  std::string model;
  std::string collection = "default";
  std::uint32_t top_k = 5;
  std::vector<std::string> tools;
};
const base::Fields<ChatBody>& chat_fields();

struct IngestBody {
  std::optional<std::string> content;
  std::optional<std::string> url;
  std::string title;
  std::string source;
  std::string content_type;
  stores::Metadata metadata;
  std::string collection = "default";
};
const base::Fields<IngestBody>& ingest_fields();

struct KeyBody {
  std::string name;
  bool admin = false;
};
const base::Fields<KeyBody>& key_fields();

/// The plain fields of an upload's form; they count for all of its files.
struct UploadForm {
  std::string source;  ///< the folder that the files' names stand in
  std::string title;
  std::string content_type;
  stores::Metadata metadata;
  std::string collection = "default";
};
const base::Fields<UploadForm>& upload_fields();

}  // namespace caprock::server::rest
