// Any JSON is either read as a filter that can be evaluated, or refused with a message that names a field.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json/json_text.h"
#include "rag/wire/filter_json.h"
#include "rag/wire/metadata_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = caprock::base::parse_json(text);
  if (!value) return 0;
  const auto filter = caprock::rag::read_filter(*value, "filter");
  if (!filter && (filter.error().message.empty() || filter.error().field.empty())) std::abort();
  if (filter) caprock::stores::matches(*filter, {{"year", 2020.0}, {"tag", std::string("a")}});
  if (const auto metadata = caprock::rag::read_metadata(*value, "metadata")) {
    const auto again = caprock::rag::read_metadata(caprock::rag::metadata_json(*metadata), "metadata");
    if (!again || *again != *metadata) std::abort();
  }
  return 0;
}
