#include <cstdlib>

#include "stores/sqlite/cursor.h"

// A cursor that is taken must be the one that is made of its position.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string cursor(reinterpret_cast<const char*>(data), size);
  const auto position = caprock::stores::read_cursor('d', cursor, "");
  if (position && !cursor.empty() && caprock::stores::make_cursor('d', *position) != cursor) std::abort();
  return 0;
}
