#include "llm/bedrock_id.h"

#include <algorithm>
#include <array>

namespace caprock::llm {
namespace {

// Prefixes of cross-region profiles.
constexpr std::array<std::string_view, 9> kAreas{"us.", "eu.", "apac.",   "ap.",    "jp.",
                                                 "au.", "ca.", "us-gov.", "global."};

// The nth part between colons; empty when there are not so many.
std::string_view part(std::string_view arn, int n) {
  for (; n > 0; --n) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, std::min(arn.find(':'), arn.size()));
}

void split_arn(BedrockId& id, std::string_view arn) {
  id.region = part(arn, 3);
  const std::string_view kind = part(arn, 5);
  id.opaque = !kind.starts_with("foundation-model/") && !kind.starts_with("inference-profile/");
  if (const auto slash = arn.find('/'); slash != std::string_view::npos) id.model = arn.substr(slash + 1);
}

}  // namespace

BedrockId split_bedrock_id(std::string_view id) {
  BedrockId out{.model = id};
  if (id.starts_with("arn:")) split_arn(out, id);
  for (const std::string_view area : kAreas) {
    if (!out.model.starts_with(area)) continue;
    out.area = area.substr(0, area.size() - 1);
    out.model.remove_prefix(area.size());
    break;
  }
  return out;
}

}  // namespace caprock::llm
