#pragma once

#include <string>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"

namespace caprock::aws {

/// Signs a request that is otherwise complete and sends it: the few calls that credentials themselves need.
/// When it is refused and the service's clock says that ours is minutes off, it is sent once more with the
/// service's time. `service` is the signing name and what errors call it. `credentials` are keys, not a
/// bearer token. Errors as call_service.
base::Awaitable<base::Result<HttpAnswer>> call_signed(const base::RequestContext& context,
                                                      const ProviderTools& tools, net::HttpRequest request,
                                                      const Credentials& credentials, std::string region,
                                                      std::string service);

}  // namespace caprock::aws
