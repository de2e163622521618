#include "net/url.h"

#include <gmock/gmock.h>

namespace caprock::net {
namespace {

TEST(ParseUrl, HostThatOnlyBeginsWithAnAddress_IsNotTakenForTheAddress) {
  for (const char* text :
       {"http://127.0.0.1.example.org/x", "https://1.2.3.4.example.org", "http://1.2.3.4x/"})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_EQ(parse_url("http://1.2.3.4?q=1").value().target, "/?q=1");
}

TEST(ParseUrl, CommonForms_AreNormalised) {
  EXPECT_EQ(parse_url("https://Example.ORG"), (Url{"https", "example.org", 443, "/"}));
  EXPECT_EQ(parse_url(" http://example.org:8080/a/../b?c=d#frag "),
            (Url{"http", "example.org", 8080, "/b?c=d"}));
  EXPECT_EQ(parse_url("http://[2001:DB8::1]:81/x"), (Url{"http", "2001:db8::1", 81, "/x"}));
  EXPECT_EQ(parse_url("https://example.org?q=1"), (Url{"https", "example.org", 443, "/?q=1"}));
}

TEST(ParseUrl, StrayCharacters_AreEncoded) {
  EXPECT_EQ(parse_url("https://example.org/a b/ü?x=\"y\"")->target, "/a%20b/%C3%BC?x=%22y%22");
}

TEST(ParseUrl, WhatCannotBeFetched_IsRefusedByField) {
  for (const char* bad :
       {"", "example.org", "/path", "ftp://example.org", "file:///etc/passwd", "https://", "https:///x",
        "https://user@example.org", "https://user:pw@example.org", "https://exämple.org",
        "https://example.org:0/", "https://example.org:99999/", "https://exa%6dple.org/%zz", "http://[::1",
        "javascript:alert(1)", "http://a\r\nb/"}) {
    const auto url = parse_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_EQ(url.error().field, "url");
  }
  EXPECT_FALSE(parse_url("https://example.org/" + std::string(9000, 'a')));
}

TEST(Url, Texts_OmitTheDefaultPortAndBracketIpv6) {
  EXPECT_EQ(parse_url("https://example.org:443/x")->text(), "https://example.org/x");
  EXPECT_EQ(parse_url("http://[::1]:443/")->authority(), "[::1]:443");
}

TEST(ResolveUrl, References_FollowTheRfc) {
  const Url base = parse_url("https://example.org/a/b?c").value();
  EXPECT_EQ(resolve_url(base, "d")->text(), "https://example.org/a/d");
  EXPECT_EQ(resolve_url(base, "/d?e")->text(), "https://example.org/d?e");
  EXPECT_EQ(resolve_url(base, "//other.org/x")->text(), "https://other.org/x");
  EXPECT_EQ(resolve_url(base, "http://other.org")->text(), "http://other.org/");
  EXPECT_EQ(resolve_url(base, "../../..")->text(), "https://example.org/");
  EXPECT_FALSE(resolve_url(base, "mailto:a@b"));
}

TEST(FileNameOf, Path_GivesASafeName) {
  EXPECT_EQ(file_name_of(*parse_url("https://e.org/reports/a%20b.pdf?x=/y")), "a b.pdf");
  EXPECT_EQ(file_name_of(*parse_url("https://e.org/")), "");
  EXPECT_EQ(file_name_of(*parse_url("https://e.org/a/%2e%2e%2fpasswd")), "passwd");
}

}  // namespace
}  // namespace caprock::net
