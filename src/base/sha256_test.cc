#include "base/sha256.h"

#include <gtest/gtest.h>

namespace caprock::base {
namespace {

// The example messages of FIPS 180-4.
TEST(Sha256, PublishedMessages_GiveThePublishedDigests) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, InPieces_IsTheSame) {
  const std::string text(1000, 'x');
  for (const std::size_t cut : {0U, 1U, 63U, 64U, 65U, 999U, 1000U})
    EXPECT_EQ(Sha256().update(text.substr(0, cut)).update(text.substr(cut)).finish(), sha256(text));
}

std::string mac_hex(std::string_view key, std::string_view message) {
  std::string text(64, '0');
  write_hex(HmacSha256Key(key).mac(message), std::span<char, 64>(text.data(), 64));
  return text;
}

// RFC 4231 §4.2, 4.3, 4.7.
TEST(HmacSha256, PublishedMessages_GiveThePublishedCodes) {
  EXPECT_EQ(mac_hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(mac_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(mac_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, OneKey_ServesManyMessages) {
  const HmacSha256Key key("Jefe");
  EXPECT_EQ(key.mac("a"), HmacSha256Key("Jefe").mac("a"));
  EXPECT_EQ(key.mac("b"), HmacSha256Key("Jefe").mac("b"));
  EXPECT_EQ(key.mac("a"), HmacSha256Key("Jefe").mac("a"));
}

}  // namespace
}  // namespace caprock::base
