#include "server/surfaces/rest/sse.h"

#include <fmt/format.h>

namespace caprock::server::rest {

std::string sse_event(std::string_view name, std::uint64_t id, std::string_view data) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", id, name, data);
}

}  // namespace caprock::server::rest
