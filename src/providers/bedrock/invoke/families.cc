#include "providers/bedrock/invoke/families.h"

#include <algorithm>
#include <array>

#include "providers/bedrock/model_family.h"

namespace caprock::providers::bedrock::invoke {
namespace {

/// The first row whose beginning a model's own id (profiles and ARNs looked through) has.
/// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
struct Row {
  std::string_view begins;
  const Codec& (*codec)();
};
constexpr std::array kRows{Row{"anthropic.claude", claude}, Row{"amazon.titan-text", titan},
                           Row{"amazon.titan-tg1", titan}, Row{"ai21.j2", jurassic}, Row{"ai21.jamba", jamba},
                           Row{"meta.llama2", llama2}, Row{"meta.llama3-2-11b", llama3_vision},
                           Row{"meta.llama3-2-90b", llama3_vision}, Row{"meta.llama3", llama3},
                           Row{"meta.llama4", llama4},
                           // …model-parameters-mistral-text-completion.html: the first ones take a prompt,
                           // later ones a list of messages.
                           Row{"mistral.mistral-7b", mistral_text}, Row{"mistral.mixtral", mistral_text},
                           Row{"mistral.mistral-small-2402", mistral_text},
                           Row{"mistral.mistral-large-2402", mistral_text}, Row{"mistral.", mistral_chat},
                           Row{"cohere.command-r", cohere_chat}, Row{"cohere.command", cohere_command}};

// "Limited. No chat support", and of Jurassic-2 no ConverseStream either; Titan Text has no system prompts.
// https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
constexpr auto kOnlyInvoked = std::to_array<std::string_view>(
    {"ai21.j2", "cohere.command-text", "cohere.command-light", "amazon.titan-text", "amazon.titan-tg1"});

constexpr std::array kAll{claude,        titan,  jurassic,     jamba,        llama2,         llama3,
                          llama3_vision, llama4, mistral_text, mistral_chat, cohere_command, cohere_chat};

}  // namespace

const Codec* codec_of(std::string_view model) {
  const std::string_view name = base_model(model);
  const auto* found =
      std::ranges::find_if(kRows, [&](const Row& row) { return name.starts_with(row.begins); });
  return found == kRows.end() ? nullptr : &found->codec();
}

const Codec* codec_named(std::string_view name) {
  const auto* found = std::ranges::find_if(kAll, [&](const auto& codec) { return codec().name == name; });
  return found == kAll.end() ? nullptr : &(*found)();
}

std::string codec_names() {
  std::string names;
  for (const auto& codec : kAll) names += (names.empty() ? "" : ", ") + std::string(codec().name);
  return names;
}

bool only_invoked(std::string_view model) {
  const std::string_view name = base_model(model);
  return std::ranges::any_of(kOnlyInvoked, [&](std::string_view begins) { return name.starts_with(begins); });
}

}  // namespace caprock::providers::bedrock::invoke
