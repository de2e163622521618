#pragma once

#include "gateway/attempts.h"
#include "gateway/usage.h"
#include "llm/native_model.h"

namespace caprock::gateway {

/// Calls in a provider's own words, behind the same attempts and the same account as translated ones. They go
/// to places of the very model that was asked for, for no other understands the body; a refusal that stands
/// is passed on as the provider wrote it. Operations that name no model are asked once. Thread safe.
class NativeGateway final : public llm::NativeModel {
 public:
  /// All must outlive it.
  NativeGateway(Attempts& attempts, std::shared_ptr<UsageSink> sink, llm::NativeModel& last)
      : attempts_(attempts), sink_(std::move(sink)), last_(last) {}
  /// Of what is for any model, every model that may answer in its stead has to be native.
  bool is_native(const std::string& model, llm::NativeOperation operation) const override;
  base::Awaitable<base::Result<std::unique_ptr<llm::NativeReply>>> call(const base::RequestContext& context,
                                                                        const llm::NativeCall& call) override;

 private:
  Attempts& attempts_;
  const std::shared_ptr<UsageSink> sink_;
  llm::NativeModel& last_;
};

}  // namespace caprock::gateway
