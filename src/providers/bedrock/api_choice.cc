#include "providers/bedrock/api_choice.h"

namespace caprock::providers::bedrock {
namespace {

// Names come from requests: what is too many is asked by Converse first, each time anew.
constexpr std::size_t kMostRemembered = 1'024;

}  // namespace

ApiChoice::ApiChoice(const Settings& settings) : settings_(settings) {}

const invoke::Codec* ApiChoice::codec_for(std::string_view model) const {
  for (const std::string& entry : settings_.invoke_models) {
    const auto equals = entry.find('=');
    if (std::string_view(entry).substr(0, equals) != model) continue;
    return equals == std::string::npos ? invoke::codec_of(model)
                                       : invoke::codec_named(std::string_view(entry).substr(equals + 1));
  }
  if (settings_.api == "converse") return nullptr;
  if (settings_.api == "invoke" || invoke::only_invoked(model)) return invoke::codec_of(model);
  const std::lock_guard lock(mutex_);
  return not_conversed_.contains(model) ? invoke::codec_of(model) : nullptr;
}

const invoke::Codec* ApiChoice::codec_after(std::string_view model, const base::Error& error) {
  // "This action doesn't support the model that you provided. Try again with a supported text or chat model."
  const bool refused = error.kind == base::ErrorKind::kInvalidArgument &&
                       error.message.find("support the model that you provided") != std::string::npos;
  if (!refused || settings_.api == "converse") return nullptr;
  const invoke::Codec* codec = invoke::codec_of(model);
  if (codec == nullptr) return nullptr;
  const std::lock_guard lock(mutex_);
  if (not_conversed_.size() < kMostRemembered) not_conversed_.emplace(model);
  return codec;
}

}  // namespace caprock::providers::bedrock
