#include "server/surfaces/web/web_routes.h"

#include "server/surfaces/web/assets.h"

namespace caprock::server {
namespace {

// Everything comes from this server and nothing may be sent elsewhere. Canvas pages of PDFs need fonts and
// images that pdf.js makes in memory (data:, blob:); no inline script or style, no frame around the page.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self' "
    "data: blob:; "
    "connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

Headers asset_headers(const WebAsset& asset) {
  Headers headers;
  headers.add("Content-Type", std::string(asset.content_type));
  headers.add("ETag", std::string(asset.etag));
  headers.add("Cache-Control", "no-cache");  // kept, but asked for again: an upgraded server is seen at once
  headers.add("Vary", "Accept-Encoding");
  headers.add("Content-Security-Policy", std::string(kPolicy));
  headers.add("X-Content-Type-Options", "nosniff");
  headers.add("Referrer-Policy", "no-referrer");
  return headers;
}

base::Awaitable<base::Result<void>> serve_asset(const WebAsset& asset, Exchange& exchange) {
  Headers headers = asset_headers(asset);
  if (exchange.request.headers.get("if-none-match") == asset.etag)
    co_return co_await respond(exchange.response, 304, std::move(headers), "");
  if (!exchange.request.headers.get("accept-encoding").contains("gzip"))
    co_return co_await respond(exchange.response, 200, std::move(headers), std::string(asset.bytes));
  headers.add("Content-Encoding", "gzip");
  co_return co_await respond(exchange.response, 200, std::move(headers), std::string(asset.gzip));
}

}  // namespace

std::vector<Route> web_routes() {
  std::vector<Route> routes;
  for (const WebAsset& asset : web_assets()) {
    routes.push_back({.method = "GET",
                      .pattern = asset.path,
                      .auth = AuthClass::kPublic,
                      .dialect = Dialect::kRest,
                      .handler = [&asset](Exchange& exchange) { return serve_asset(asset, exchange); }});
  }
  return routes;
}

}  // namespace caprock::server
