#pragma once

#include <string>

#include "net/http_client.h"

namespace caprock::net {

/// A document from the web.
struct Fetched {
  std::string bytes;
  std::string content_type;  ///< as the server declared it, or empty
  std::string file_name;     ///< from the final URL's path, or empty
  Url final_url;
};

/// Gets the document behind a user's URL under the limits of `[net]`: address policy, size, time, redirects.
/// Errors, all with a message for the user and the field "url": those of parse_url and HttpClient::send;
/// kUnprocessable when the server answers 4xx, kUpstream when it answers with anything else than a document.
base::Awaitable<base::Result<Fetched>> fetch_url(HttpClient& client, const base::RequestContext& context,
                                                 std::string url);

}  // namespace caprock::net
