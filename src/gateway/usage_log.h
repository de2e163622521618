#pragma once

#include "gateway/usage.h"

namespace caprock::gateway {

/// One line of the log a record: "model call", with everything in it but what was said.
class UsageLog final : public UsageSink {
 public:
  void record(const UsageRecord& record) override;
};

}  // namespace caprock::gateway
