#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/exchange.h"

namespace caprock::server {

/// The head of an answer as nghttp2 takes it. The fields that frame a message are ours, and those of a
/// connection do not exist in HTTP/2 (RFC 9113 §8.2.2): both are left out of `headers`. Line breaks in values
/// become blanks.
class Http2Fields {
 public:
  Http2Fields(int status, const Headers& headers, std::optional<std::uint64_t> content_length,
              std::string_view date);
  /// Of an answer that is not the last, such as 100.
  explicit Http2Fields(int status);
  Http2Fields(const Http2Fields&) = delete;
  Http2Fields& operator=(const Http2Fields&) = delete;

  const nghttp2_nv* data() const { return list_.data(); }
  std::size_t size() const { return list_.size(); }

 private:
  void add(std::string_view name, std::string_view value);

  std::vector<Header> own_;
  std::string status_;
  std::string length_;
  std::string date_;
  std::vector<nghttp2_nv> list_;  ///< views of those above
};

}  // namespace caprock::server
