#pragma once

#include "providers/bedrock/invoke/codec.h"

namespace caprock::providers::bedrock::invoke {

// The codecs, one a file. families.cc says which model speaks which.
const Codec& claude();
const Codec& titan();
const Codec& jurassic();
const Codec& jamba();
const Codec& llama2();
const Codec& llama3();
const Codec& llama3_vision();
const Codec& llama4();
const Codec& mistral_text();
const Codec& mistral_chat();
const Codec& cohere_command();
const Codec& cohere_chat();

}  // namespace caprock::providers::bedrock::invoke
