#include "server/bedrock_error.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

RenderedError rendered(base::ErrorKind kind, int upstream_status) {
  base::Error error(kind, "told");
  error.origin.status = upstream_status;
  return render_bedrock_error(error, base::RequestId("r"));
}

TEST(BedrockError, Upstream_ThatToldAStatusOfItsOwn_KeepsWhatSdksRetryBy) {
  const auto broke = rendered(base::ErrorKind::kUpstream, 500);
  EXPECT_EQ(broke.status, 500);
  EXPECT_EQ(broke.headers.get("x-amzn-errortype"), "InternalServerException");
  const auto slow = rendered(base::ErrorKind::kUpstream, 408);
  EXPECT_EQ(slow.status, 408);
  EXPECT_EQ(slow.headers.get("x-amzn-errortype"), "ModelTimeoutException");
}

TEST(BedrockError, Upstream_WithoutAStatus_IsAnErrorOfTheModel) {
  const auto broke = rendered(base::ErrorKind::kUpstream, 0);
  EXPECT_EQ(broke.status, 424);
  EXPECT_EQ(broke.headers.get("x-amzn-errortype"), "ModelErrorException");
}

}  // namespace
}  // namespace caprock::server
