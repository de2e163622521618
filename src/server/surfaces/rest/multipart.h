#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caprock::server::rest {

/// One part of a multipart/form-data body (RFC 7578).
struct Part {
  std::string name;
  std::optional<std::string> file_name;  ///< UTF-8, of the last path segment; missing for a plain field
  std::string folder;        ///< what stood before the last `/` of the file name, cleaned, or empty
  std::string content_type;  ///< as declared, or empty
  std::string body;
};

/// The boundary of a Content-Type header. kUnsupportedMediaType when it is not multipart/form-data;
/// kInvalidArgument when the boundary is missing or not of the form RFC 2046 §5.1.1 allows.
base::Result<std::string> multipart_boundary(std::string_view content_type);

/// Takes a body piece by piece and keeps its parts. Pure: no I/O. The bytes held are at most those fed, which
/// the door's body limit bounds. All errors are kInvalidArgument with a message for the user.
class MultipartParser {
 public:
  struct Limits {
    std::size_t parts = 1000;
    std::size_t headers = 16UL << 10;  ///< bytes, of one part
    std::size_t field = 256UL << 10;   ///< bytes, of a part that is no file
  };
  explicit MultipartParser(std::string_view boundary) : MultipartParser(boundary, Limits{}) {}
  MultipartParser(std::string_view boundary, Limits limits);

  /// The next bytes. After an error nothing more may be fed.
  base::Result<void> feed(std::string_view bytes);
  /// The parts in order, once the closing boundary has been read.
  base::Result<std::vector<Part>> finish() &&;

 private:
  enum class State : std::uint8_t { kPreamble, kAfterBoundary, kHeaders, kBody, kEpilogue };
  enum class Step : std::uint8_t { kGoOn, kNeedMore };

  base::Result<Step> step();
  base::Result<Step> preamble();
  base::Result<Step> after_boundary();
  base::Result<Step> headers();
  base::Result<Step> body();
  base::Result<void> keep(std::size_t bytes);
  void drop_consumed();

  std::string delimiter_;  ///< "\r\n--boundary"
  Limits limits_;
  State state_ = State::kPreamble;
  std::string buffer_;
  std::size_t at_ = 0;  ///< what of the buffer is consumed
  bool body_began_ = false;
  std::vector<Part> parts_;
};

}  // namespace caprock::server::rest
