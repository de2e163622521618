#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "stores/text/embedded/segment.h"

namespace caprock::stores::text {

/// A segment in a file, mapped into memory: the kernel keeps what is used of it and drops the rest. The file
/// may be unlinked while it is open. Thread safe.
class SegmentFile {
 public:
  /// kInternal for a file that is missing or damaged, kUnavailable for an I/O error.
  static base::Result<std::shared_ptr<const SegmentFile>> open(const std::filesystem::path& path);
  ~SegmentFile();
  SegmentFile(const SegmentFile&) = delete;
  SegmentFile& operator=(const SegmentFile&) = delete;
  const Segment& segment() const { return *segment_; }

 private:
  explicit SegmentFile(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;  ///< the mapping
  std::unique_ptr<Segment> segment_;
};

/// Writes a file whole or not at all, durable when it returns: under another name first, then renamed.
/// kOutOfSpace, kUnavailable.
base::Result<void> write_file_durably(const std::filesystem::path& path, std::string_view bytes);

}  // namespace caprock::stores::text
