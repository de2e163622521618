#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "rag/parse/fuzz/check.h"
#include "rag/parse/pdf/assemble.h"
#include "rag/parse/pdf/bbox.h"

// Any bytes as what pdftotext wrote, through layout and assembly.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::rag;
  const std::string bytes(reinterpret_cast<const char*>(data), size);  // NOLINT
  auto document = pdf::read_bbox(bytes, 1U << 20U);
  if (document) check_invariants(pdf::assemble(std::move(*document)));
  return 0;
}
