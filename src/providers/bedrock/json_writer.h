#pragma once

#include "base/json/json_writer.h"

namespace caprock::providers::bedrock {

using base::JsonWriter;

}  // namespace caprock::providers::bedrock
