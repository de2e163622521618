#include <cstddef>
#include <cstdint>
#include <string>

#include "rag/parse/formats.h"
#include "rag/parse/fuzz/check.h"
#include "rag/parse/testing/make_files.h"

// Any XML inside Office packages, and any bytes as packages.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::rag;
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // NOLINT
  // The first byte chooses what the rest stands in: parts of a package, or a whole package.
  const unsigned kind = bytes.empty() ? 0 : data[0] % 4U;
  const std::string rest = bytes.empty() ? bytes : bytes.substr(1);
  const std::string package = kind == 0   ? testing::make_docx(rest)
                              : kind == 1 ? testing::make_xlsx(rest, {"shared"})
                                          : rest;
  check_invariants(kind % 2 == 0 ? parse_docx({.bytes = package}) : parse_xlsx({.bytes = package}));
  return 0;
}
