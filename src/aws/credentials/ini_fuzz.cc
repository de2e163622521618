#include <cstdint>
#include <cstdlib>

#include "aws/credentials/command_words.h"
#include "aws/credentials/profile_plan.h"

/// The shared files as a whole: text → sections → profiles → plan of every profile.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find('\0');
  const aws::IniFile config = aws::read_ini(text.substr(0, cut));
  const aws::IniFile keys = aws::read_ini(cut == std::string_view::npos ? "" : text.substr(cut + 1));
  const aws::SharedConfig shared = aws::merge_shared(config, keys);
  for (const auto& [name, profile] : shared.profiles) {
    const auto plan = aws::plan_profile(shared, name);
    if (!plan && plan.error().field.empty()) std::abort();
    if (plan && *plan && (*plan)->roles.size() > 16) std::abort();
    (void)aws::command_words(profile.text("credential_process"));
  }
  return 0;
}
