#pragma once

#include "base/json/members.h"

namespace caprock::server::openai {

using base::Members;

}  // namespace caprock::server::openai
