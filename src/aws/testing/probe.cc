// For tests/blackbox/test_aws_wire.py only, which compares us with botocore: a JSON request a line in, a JSON
// answer a line out. Bytes are hex. Installed nowhere.
#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "aws/endpoint.h"
#include "aws/eventstream.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "aws/sigv4_verify.h"

namespace caprock::aws {
namespace {

namespace json = boost::json;

std::string text(const json::object& in, std::string_view key) {
  const json::value* value = in.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

/// The request of a line; views into `in`.
struct Parsed {
  explicit Parsed(const json::object& in)
      : body(from_hex(text(in, "body"))),
        method(text(in, "method")),
        host(text(in, "host")),
        path(text(in, "path")),
        query(text(in, "query")),
        region(text(in, "region")),
        service(text(in, "service")),
        now(std::chrono::seconds(in.at("now").as_int64())) {
    for (const json::value& pair : in.at("headers").as_array())
      headers.emplace_back(std::string_view(pair.at(0).as_string()),
                           std::string_view(pair.at(1).as_string()));
  }
  SigningRequest request() const {
    return {.method = method,
            .host = host,
            .path = path,
            .query = query,
            .headers = headers,
            .payload = PayloadHash::of(body)};
  }
  std::string body, method, host, path, query, region, service;
  base::WallTime now;
  std::vector<HeaderView> headers;
};

json::object sign(const json::object& in) {
  static Signer signer;
  const Parsed parsed(in);
  const std::string id = text(in, "id");
  const std::string secret = text(in, "secret");
  const std::string token = text(in, "token");
  const bool s3 = parsed.service == "s3";
  SigningRequest request = parsed.request();
  if (s3) request.path_encoding = PathEncoding::kOnce;
  SignatureHeaders out;
  signer.sign(request, {id, secret, token}, {parsed.region, parsed.service}, parsed.now, out,
              s3 ? Signer::ContentHash::kHeader : Signer::ContentHash::kImplied);
  return {{"authorization", out.authorization}, {"date", std::string(out.x_amz_date())}};
}

json::object verify(const json::object& in) {
  static SignatureVerifier verifier;
  const Parsed parsed(in);
  const base::Secret secret(text(in, "secret"));
  const std::string authorization = text(in, "authorization");
  const auto claim = parse_authorization(authorization);
  const base::Result<void> result =
      claim ? verifier.verify(*claim, parsed.request(), &secret, {.service = parsed.service}, parsed.now)
            : base::Result<void>(base::failure(claim.error()));
  return {{"ok", result.has_value()}, {"why", result ? "" : result.error().detail}};
}

json::object endpoint(const json::object& in) {
  const std::string id = text(in, "service");
  for (int i = 0; i <= static_cast<int>(Service::kDynamoDb); ++i) {
    if (service_id(static_cast<Service>(i)) != id) continue;
    const auto found =
        resolve_endpoint(static_cast<Service>(i), {.region = text(in, "region"),
                                                   .fips = in.at("fips").as_bool(),
                                                   .dual_stack = in.at("dual_stack").as_bool()});
    if (!found) return {{"error", found.error().field}};
    return {{"url", found->url.origin()}, {"signing_name", found->signing_name}};
  }
  return {{"error", "service"}};
}

json::value shown(const EventHeaderValue& value) {
  struct Shower {
    json::value operator()(bool v) const { return v; }
    json::value operator()(std::int8_t v) const { return v; }
    json::value operator()(std::int16_t v) const { return v; }
    json::value operator()(std::int32_t v) const { return v; }
    json::value operator()(std::int64_t v) const { return v; }
    json::value operator()(const EventBytes& v) const { return json::string(to_hex(v.bytes)); }
    json::value operator()(std::string_view v) const { return json::string(v); }
    json::value operator()(EventTimestamp v) const { return v.time_since_epoch().count(); }
    json::value operator()(const EventUuid& v) const {
      return json::string(to_hex({reinterpret_cast<const char*>(v.data()), v.size()}));
    }
  };
  return std::visit(Shower{}, value);
}

/// All messages of a stream, and what they are when written again.
json::object decode(const json::object& in) {
  EventStreamReader reader;
  reader.push(from_hex(text(in, "bytes")));
  json::array messages;
  std::string written;
  EventOutcome outcome = reader.next();
  for (; std::holds_alternative<EventMessage>(outcome); outcome = reader.next()) {
    const auto& message = std::get<EventMessage>(outcome);
    json::object headers;
    for (const EventHeader& header : message.headers) headers[header.name] = shown(header.value);
    messages.push_back(json::object{{"headers", headers}, {"payload", to_hex(message.payload)}});
    if (!append_message(written, message.headers, message.payload)) written += "refused";
  }
  const auto* fault = std::get_if<EventStreamFault>(&outcome);
  return {{"messages", messages},
          {"fault", fault != nullptr ? describe(*fault) : ""},
          {"pending", reader.pending()},
          {"written", to_hex(written)}};
}

json::object classify(const json::object& in) {
  const FailureClass kind = classify_failure(static_cast<int>(in.at("status").as_int64()), text(in, "code"));
  constexpr const char* kNames[]{"permanent", "transient", "throttling", "clock skew", "credentials"};
  return {{"class", kNames[static_cast<int>(kind)]}};
}

json::object answer(const json::object& in) {
  const std::string operation = text(in, "op");
  if (operation == "sign") return sign(in);
  if (operation == "verify") return verify(in);
  if (operation == "endpoint") return endpoint(in);
  if (operation == "decode") return decode(in);
  if (operation == "classify") return classify(in);
  return {{"error", "op"}};
}

}  // namespace
}  // namespace caprock::aws

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << boost::json::serialize(caprock::aws::answer(boost::json::parse(line).as_object()))
              << std::endl;
}
