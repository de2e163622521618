#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/strong.h"

namespace caprock::stores {

using DocumentId = base::Strong<struct DocumentIdTag>;          ///< a UUID
using ConversationId = base::Strong<struct ConversationIdTag>;  ///< a UUID

/// Everything belongs to tenant → collection → document. One text table and one vector index a CollectionKey.
struct CollectionKey {
  base::TenantId tenant;
  std::string collection = "default";
  auto operator<=>(const CollectionKey&) const = default;
};

/// A passage of one version of one document: the key in the chunk store and in both indexes.
struct ChunkKey {
  DocumentId document;
  std::uint32_t version = 0;
  std::uint32_t index = 0;  ///< chunk_index, from 0
  auto operator<=>(const ChunkKey&) const = default;
};

/// Metadata is one level deep, as the vector engines of AWS take it too. Numbers are doubles: 2020 and 2020.0
/// are one.
using MetadataScalar = std::variant<bool, double, std::string>;
using MetadataValue = std::variant<bool, double, std::string, std::vector<MetadataScalar>>;
using Metadata = std::map<std::string, MetadataValue, std::less<>>;

/// Where a span of text stands on a page: points of 1/72 inch, origin at the top left.
struct PageBox {
  float x0 = 0;
  float y0 = 0;
  float x1 = 0;
  float y1 = 0;
};

/// Half-open [start, end) in Unicode code points of a document's text.
struct TextSpan {
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  auto operator<=>(const TextSpan&) const = default;
};

/// A line of a page: which part of the text it holds, and where it stands.
struct LineBox {
  TextSpan span;
  std::uint32_t page = 0;  ///< from 1
  PageBox box;
};

/// A passage. `content` is exactly the document's text at `span`.
struct Chunk {
  std::uint32_t index = 0;
  TextSpan span;
  std::uint32_t token_count = 0;
  std::string content;
  std::string context;  ///< title, section path, table header: embedded and indexed with the content
  std::string section;  ///< "Methods > Participants", or empty
  std::optional<std::uint32_t> page;  ///< from 1, where the passage begins
  std::vector<LineBox> boxes;         ///< of its lines, where the format knows them
};

enum class DocumentStatus : std::uint8_t { kPending, kProcessing, kIndexed, kFailed };

/// What is known of a document. `version` is the one that searches see (0: none yet); `pending_version` is
/// being ingested (0: none), so that a replacement shows only when it is whole.
struct Document {
  DocumentId id;
  CollectionKey collection;
  std::string
      source;  ///< URL, absolute path, or folder + file name of an upload: the identity within a collection
  std::string title;
  std::string content_type;
  DocumentStatus status = DocumentStatus::kPending;
  std::string error;  ///< why it is FAILED
  std::uint32_t version = 0;
  std::uint32_t pending_version = 0;
  std::uint32_t chunk_count = 0;
  std::uint64_t token_count = 0;
  std::uint64_t size_bytes = 0;
  std::string content_sha256;  ///< of the original, hex; equal bytes change nothing
  std::string original_key;    ///< in the blob store (`s3_key` on the wire)
  Metadata metadata;
  base::WallTime created_at;
  base::WallTime updated_at;
  std::optional<base::WallTime> indexed_at;
  // True progress of the running ingest.
  std::uint64_t bytes_parsed = 0;
  std::uint32_t chunks_embedded = 0;
  std::uint32_t chunks_total = 0;
};

/// A page of a listing; an empty cursor ends it. Cursors are opaque and belong to one listing.
template <class T>
struct Page {
  std::vector<T> items;
  std::string next_cursor;
};

struct PageRequest {
  std::uint32_t limit = 50;
  std::string cursor;
};

}  // namespace caprock::stores
