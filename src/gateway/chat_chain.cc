#include "gateway/chat_chain.h"

#include "gateway/chat_attempts.h"

namespace caprock::gateway {

// Around all of them, in ChatGateway itself: the meter, which makes one record of every call however it
// ends, so also of one that a stage refuses; and the leash, which decides for all of them what becomes of a
// call whose reader has gone.
//
// To come, in this order, each a file and a line here:
//   admission  first: a request that has no room must cost nothing else, and its waiting is bounded
//   limits     before money is reserved, for a request that is refused has no price
//   cache      before the budget: what is known already costs nothing
//   budget     reserves the most that the request can cost, at every target that it may go to
std::vector<std::unique_ptr<ChatStage>> chat_chain(const ChainParts& parts) {
  std::vector<std::unique_ptr<ChatStage>> stages;
  // Last: everything before it holds for the request as a whole, however many targets it takes to answer it.
  // Retry and fallback are one stage, because one deadline and one number of attempts holds for both.
  stages.push_back(std::make_unique<ChatAttempts>(parts.attempts, parts.last));
  return stages;
}

}  // namespace caprock::gateway
