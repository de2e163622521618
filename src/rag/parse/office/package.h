#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct zip;

namespace caprock::rag::office {

/// An Office Open XML package (ECMA-376 part 2): a ZIP of XML parts, read from memory. What is unpacked in
/// total is bounded, so that a ZIP bomb is an error and not an exhausted machine. Not thread safe.
class Package {
 public:
  /// kInvalidArgument: no ZIP, or a broken one. `bytes` must outlive the package.
  static base::Result<Package> open(std::string_view bytes, std::size_t most_unpacked);

  bool has(const std::string& part) const;
  /// kInvalidArgument: missing, encrypted or damaged; kPayloadTooLarge.
  base::Result<std::string> read(const std::string& part);
  /// The part, or an empty text when the package has none.
  base::Result<std::string> read_optional(const std::string& part);

 private:
  struct Closer {
    void operator()(zip* archive) const;
  };
  Package(zip* archive, std::size_t left) : archive_(archive), left_(left) {}
  std::unique_ptr<zip, Closer> archive_;
  std::size_t left_;  ///< bytes that may still be unpacked
};

}  // namespace caprock::rag::office
