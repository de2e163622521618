#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/exchange.h"

namespace caprock::server {

/// The fields of an HTTP/2 request, as they are decoded, into a Request (RFC 9113 §8.3). Names, values and
/// the rules for pseudo-fields have been checked by nghttp2.
class Http2Head {
 public:
  struct Limits {
    std::size_t header = 64 * 1024UL;  ///< all names and values, and 32 bytes a field (RFC 9113 §6.5.2)
    std::size_t target = 16 * 1024UL;
    std::size_t fields = 200;
  };
  /// A head above its limit is decoded to its end, for the fields of later requests refer to it, and answered
  /// with 431; one so many times larger is a bomb.
  static constexpr std::size_t kBomb = 4;

  /// Keeps a field while the head is within its limits. False for a bomb.
  bool add(std::string_view name, std::string_view value, const Limits& limits);
  /// The request, without body, peer and scheme. Errors: kHeadersTooLarge, kInvalidArgument. Once.
  base::Result<Request> take();

 private:
  void keep(std::string_view name, std::string_view value, const Limits& limits);

  Request request_;
  std::string authority_;
  std::string cookies_;
  std::size_t size_ = 0;
  std::size_t count_ = 0;
  std::optional<base::Error> problem_;
};

}  // namespace caprock::server
