// Any bytes as URL: what is accepted reads back as itself and holds nothing that could split a request line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::net;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Url base{"https", "example.org", 443, "/a/b?c"};
  for (const auto& url : {parse_url(text), resolve_url(base, text)}) {
    if (!url) continue;
    if (url->text().find_first_of(" \r\n\t") != std::string::npos) std::abort();
    if (url->target.empty() || url->target.front() != '/' || url->host.empty() || url->port == 0)
      std::abort();
    const auto again = parse_url(url->text());
    if (url->text().size() <= 8192 && (!again || *again != *url)) std::abort();
    if (file_name_of(*url).find('/') != std::string::npos) std::abort();
  }
  return 0;
}
