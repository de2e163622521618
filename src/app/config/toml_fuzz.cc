// Any bytes as configuration file or price file: the loader answers with problems and never writes a value
// outside its bounds; a price is never negative.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/config/config.h"
#include "gateway/pricing/price_book.h"
#include "gateway/pricing/price_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock;
  std::int64_t workers = 2;
  std::string mode = "a";
  base::Bytes limit{100};
  std::chrono::milliseconds wait{1000};
  std::vector<std::string> names;
  base::Secret key;
  app::Config config({{.name = "s",
                       .help = "",
                       .settings = {{.key = "n", .target = &workers, .help = "", .min = 1, .max = 64},
                                    {.key = "m", .target = &mode, .help = "", .choices = {"a", "b"}},
                                    {.key = "l", .target = &limit, .help = "", .max = 1000},
                                    {.key = "w", .target = &wait, .help = "", .max = 5000},
                                    {.key = "v", .target = &names, .help = ""},
                                    {.key = "k", .target = &key, .help = ""}}}});
  const char* text = reinterpret_cast<const char*>(data);
  (void)config.load({.file = "f.toml", .file_text = std::string(text, size)});
  if (workers < 1 || workers > 64 || limit.count > 1000 || wait.count() > 5000) std::abort();
  if (mode != "a" && mode != "b") std::abort();
  (void)config.to_toml();
  if (auto prices = gateway::parse_prices({text, size}, "p.toml")) {
    for (const gateway::PriceEntry& entry : prices->entries)
      for (const auto& price : entry.prices)
        if (price.value_or(0) < 0) std::abort();
    const gateway::PriceBook book(std::move(*prices));
    for (const gateway::PriceEntry& entry : book.file().entries)
      (void)book.cost(gateway::price_key(entry.models.front()), {.tokens = {.input_tokens = 1}}, entry.from);
  }
  return 0;
}
