#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <span>
#include <string_view>

#include "aws/sigv4.h"

// The parts of SigV4 that signing and verifying share. Inside src/aws only.
namespace caprock::aws {

/// Text under construction: on the stack up to its inline size.
using Scratch = boost::container::small_vector<char, 4096>;
/// Headers of a canonical request: sorted by lower-case name; equal names in the order of the wire.
using HeaderList = boost::container::small_vector<const HeaderView*, 64>;

void append(Scratch& out, std::string_view text);
inline std::string_view view(const Scratch& text) { return {text.data(), text.size()}; }

/// Everything but unreserved characters as %XX, upper case.
void append_uri_encoded(Scratch& out, std::string_view text);

char lower(char c);
/// Compares names without case: <0, 0, >0.
int compare_names(std::string_view a, std::string_view b);

/// The canonical URI, query and header value alone.
void append_canonical_path(Scratch& out, std::string_view path, PathEncoding encoding);
void append_canonical_query(Scratch& out, std::string_view query);
void append_canonical_value(Scratch& out, std::string_view value);
/// "content-type;host;x-amz-date" of a sorted list.
void append_signed_names(Scratch& out, std::span<const HeaderView* const> headers);

/// The whole canonical request. What is signed of the headers, host included, stands in `headers`; those of
/// `request` are not looked at.
void append_canonical_request(Scratch& out, const SigningRequest& request,
                              std::span<const HeaderView* const> headers);

/// The string to sign: "AWS4-HMAC-SHA256\n<date>\n<day>/<region>/<service>/aws4_request\n<hash>".
void append_string_to_sign(Scratch& out, std::string_view amz_date, const SigningScope& scope,
                           std::string_view canonical_request);

/// HMAC(HMAC(HMAC(HMAC("AWS4" + secret, day), region), service), "aws4_request"), ready for use.
base::HmacSha256Key derive_signing_key(std::string_view secret, std::string_view day,
                                       const SigningScope& scope);

}  // namespace caprock::aws
