#include "aws/canonical_request.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace caprock::aws {
namespace {

constexpr std::array<bool, 256> make_unreserved(bool with_slash) {
  std::array<bool, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (const char c : {'-', '.', '_', '~'}) table[static_cast<unsigned char>(c)] = true;
  table[static_cast<unsigned char>('/')] = with_slash;
  return table;
}

constexpr auto kUnreserved = make_unreserved(false);
constexpr auto kPathSafe = make_unreserved(true);

void append_percent(Scratch& out, unsigned char byte) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const std::array<char, 3> text{'%', kHex[byte >> 4], kHex[byte & 15]};
  append(out, {text.data(), text.size()});
}

void append_encoded(Scratch& out, std::string_view text, const std::array<bool, 256>& safe) {
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (safe[byte]) continue;
    append(out, text.substr(run, i - run));
    append_percent(out, byte);
    run = i + 1;
  }
  append(out, text.substr(run));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A name or value of the query in the one form that AWS signs, however the sender wrote it: escapes in upper
/// case and only where they are needed.
void append_query_part(Scratch& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      byte = static_cast<unsigned char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    }
    if (kUnreserved[byte])
      out.push_back(static_cast<char>(byte));
    else
      append_percent(out, byte);
  }
}

/// RFC 3986 §5.2.4, and AWS takes empty segments away too.
void append_without_dots(Scratch& out, std::string_view path) {
  boost::container::small_vector<std::string_view, 32> kept;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      kept.push_back(segment);
    else if (!kept.empty())
      kept.pop_back();
  }
  for (const std::string_view segment : kept) {
    out.push_back('/');
    append_encoded(out, segment, kPathSafe);
  }
  if (kept.empty() || path.back() == '/') out.push_back('/');
}

struct QueryParameter {
  std::size_t begin, equals, end;  ///< offsets into the normalised text
};

}  // namespace

void append(Scratch& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

void append_uri_encoded(Scratch& out, std::string_view text) { append_encoded(out, text, kUnreserved); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

int compare_names(std::string_view a, std::string_view b) {
  const std::size_t shared = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < shared; ++i) {
    const int difference = static_cast<unsigned char>(lower(a[i])) - static_cast<unsigned char>(lower(b[i]));
    if (difference != 0) return difference;
  }
  if (a.size() == b.size()) return 0;
  return a.size() < b.size() ? -1 : 1;
}

void append_canonical_path(Scratch& out, std::string_view path, PathEncoding encoding) {
  if (path.empty()) return append(out, "/");
  if (encoding == PathEncoding::kOnce) return append(out, path);
  if (path.find("/.") != path.npos || path.find("//") != path.npos) return append_without_dots(out, path);
  append_encoded(out, path, kPathSafe);
}

void append_canonical_query(Scratch& out, std::string_view query) {
  if (query.empty()) return;
  boost::container::small_vector<char, 1024> text;
  boost::container::small_vector<QueryParameter, 32> parameters;
  for (std::size_t at = 0; at <= query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view pair = query.substr(at, end - at);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    at = end + 1;
    Scratch part;
    append_query_part(part, pair.substr(0, equals));
    const std::size_t name_size = part.size();
    if (equals < pair.size()) append_query_part(part, pair.substr(equals + 1));
    parameters.push_back({text.size(), text.size() + name_size, text.size() + part.size()});
    text.insert(text.end(), part.begin(), part.end());
  }
  const std::string_view all(text.data(), text.size());
  const auto name = [&](const QueryParameter& p) { return all.substr(p.begin, p.equals - p.begin); };
  const auto value = [&](const QueryParameter& p) { return all.substr(p.equals, p.end - p.equals); };
  std::ranges::sort(parameters, [&](const QueryParameter& a, const QueryParameter& b) {
    return std::pair(name(a), value(a)) < std::pair(name(b), value(b));
  });
  for (const QueryParameter& parameter : parameters) {
    if (&parameter != parameters.data()) out.push_back('&');
    append(out, name(parameter));
    out.push_back('=');
    append(out, value(parameter));
  }
}

void append_canonical_value(Scratch& out, std::string_view value) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t first = value.find_first_not_of(kBlank);
  if (first == value.npos) return;
  value = value.substr(first, value.find_last_not_of(kBlank) - first + 1);
  if (value.find('\t') == value.npos && value.find("  ") == value.npos) return append(out, value);
  bool after_blank = false;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) out.push_back(c);
    if (blank && !after_blank) out.push_back(' ');
    after_blank = blank;
  }
}

void append_signed_names(Scratch& out, std::span<const HeaderView* const> headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string_view name = headers[i]->first;
    if (i > 0 && compare_names(name, headers[i - 1]->first) == 0) continue;
    if (i > 0) out.push_back(';');
    for (const char c : name) out.push_back(lower(c));
  }
}

void append_canonical_request(Scratch& out, const SigningRequest& request,
                              std::span<const HeaderView* const> headers) {
  append(out, request.method);
  out.push_back('\n');
  append_canonical_path(out, request.path, request.path_encoding);
  out.push_back('\n');
  append_canonical_query(out, request.query);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto& [name, value] = *headers[i];
    const bool repeated = i > 0 && compare_names(name, headers[i - 1]->first) == 0;
    out.push_back(repeated ? ',' : '\n');
    if (!repeated) {
      for (const char c : name) out.push_back(lower(c));
      out.push_back(':');
    }
    append_canonical_value(out, value);
  }
  append(out, "\n\n");
  append_signed_names(out, headers);
  out.push_back('\n');
  append(out, request.payload.text());
}

void append_string_to_sign(Scratch& out, std::string_view amz_date, const SigningScope& scope,
                           std::string_view canonical_request) {
  append(out, "AWS4-HMAC-SHA256\n");
  append(out, amz_date);
  out.push_back('\n');
  append(out, amz_date.substr(0, 8));
  out.push_back('/');
  append(out, scope.region);
  out.push_back('/');
  append(out, scope.service);
  append(out, "/aws4_request\n");
  append(out, PayloadHash::of(canonical_request).text());
}

base::HmacSha256Key derive_signing_key(std::string_view secret, std::string_view day,
                                       const SigningScope& scope) {
  boost::container::small_vector<char, 128> start;
  constexpr std::string_view kPrefix = "AWS4";
  start.reserve(kPrefix.size() + secret.size());
  start.insert(start.end(), kPrefix.begin(), kPrefix.end());
  start.insert(start.end(), secret.begin(), secret.end());
  const base::HmacSha256Key of_secret(std::string_view(start.data(), start.size()));
  OPENSSL_cleanse(start.data(), start.size());
  const base::HmacSha256Key of_day(of_secret.mac(day));
  const base::HmacSha256Key of_region(of_day.mac(scope.region));
  const base::HmacSha256Key of_service(of_region.mac(scope.service));
  return base::HmacSha256Key(of_service.mac("aws4_request"));
}

}  // namespace caprock::aws
