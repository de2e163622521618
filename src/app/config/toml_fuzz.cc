// Any bytes as configuration file: the loader answers with problems and never writes a value outside its
// bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/config/config.h"

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
  return 0;
}
