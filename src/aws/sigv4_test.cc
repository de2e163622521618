#include "aws/sigv4.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "aws/canonical_request.h"
#include "base/sha256.h"

namespace caprock::aws {
namespace {

using namespace std::chrono;

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kBody =
    R"({"messages": [{"role": "user", "content": [{"text": "hi"}]}], "inferenceConfig": {"maxTokens": 16}})";
constexpr auto kAt = sys_days(year(2026) / 1 / 2) + 3h + 4min + 5s;
constexpr SigningScope kBedrock{"us-east-1", "bedrock"};

std::vector<const HeaderView*> pointers(const std::vector<HeaderView>& headers) {
  std::vector<const HeaderView*> out;
  out.reserve(headers.size());
  for (const HeaderView& header : headers) out.push_back(&header);
  return out;
}

std::string canonical_request(const SigningRequest& request, const std::vector<HeaderView>& sorted) {
  Scratch text;
  append_canonical_request(text, request, pointers(sorted));
  return std::string(view(text));
}

std::string path_of(std::string_view path, PathEncoding encoding = PathEncoding::kTwice) {
  Scratch text;
  append_canonical_path(text, path, encoding);
  return std::string(view(text));
}

std::string query_of(std::string_view query) {
  Scratch text;
  append_canonical_query(text, query);
  return std::string(view(text));
}

std::string value_of(std::string_view value) {
  Scratch text;
  append_canonical_value(text, value);
  return std::string(view(text));
}

std::string signature_of(const SignatureHeaders& headers) {
  return headers.authorization.substr(headers.authorization.rfind('=') + 1);
}

struct Golden {
  std::string path, token, canonical_path, names, request_hash, signature;
};

class GoldenVector : public testing::TestWithParam<Golden> {};

TEST_P(GoldenVector, EveryStage_IsAsPublished) {
  const Golden& golden = GetParam();
  const std::vector<HeaderView> headers{{"Content-Type", "application/json"}};
  const SigningRequest request{.method = "POST",
                               .host = "bedrock-runtime.us-east-1.amazonaws.com",
                               .path = golden.path,
                               .headers = headers,
                               .payload = PayloadHash::of(kBody)};
  EXPECT_EQ(request.payload.text(), "c186aafa9f472699b0cd229296031e0415cb86d4f8c63e2fb3850822803f0135");
  EXPECT_EQ(path_of(golden.path), golden.canonical_path);

  std::vector<HeaderView> all{
      {"content-type", "application/json"}, {"host", request.host}, {"x-amz-date", "20260102T030405Z"}};
  if (!golden.token.empty()) all.emplace_back("x-amz-security-token", golden.token);
  EXPECT_EQ(base::sha256_hex(canonical_request(request, all)), golden.request_hash);

  Signer signer;
  SignatureHeaders out;
  for (int again = 0; again < 2; ++again) {  // the second time with the key at hand
    signer.sign(request, {"AKIDEXAMPLE", kSecret, golden.token}, kBedrock, kAt, out);
    EXPECT_EQ(out.x_amz_date(), "20260102T030405Z");
    EXPECT_EQ(
        out.authorization,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/aws4_request, SignedHeaders=" +
            golden.names + ", Signature=" + golden.signature);
  }
}

// ../shared/reference/bedrock-wire.md, computed there with botocore and with an independent program.
INSTANTIATE_TEST_SUITE_P(
    Bedrock, GoldenVector,
    testing::Values(
        Golden{"/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse", "",
               "/model/anthropic.claude-3-5-sonnet-20240620-v1%253A0/converse",
               "content-type;host;x-amz-date",
               "a7b2ca86e1b090d90ec430f8439c79a58b8dca7826a30daf14462b0b69257d59",
               "8899d588a27c6b50eca04d325ea3861f0c1cf7460477dfad088b08f8e52b6259"},
        Golden{
            "/model/"
            "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabcd1234efgh/"
            "converse",
            "SESSIONTOKEN",
            "/model/arn%253Aaws%253Abedrock%253Aus-east-1%253A123456789012%253Aapplication-inference-profile"
            "%252Fabcd1234efgh/converse",
            "content-type;host;x-amz-date;x-amz-security-token",
            "131742d91f9693e51e8fd304b891458616054803a6bc769251832c9a0af71dd2",
            "3f4bedfd4a6cdc642a09ccbfe8d7addef782da46b76984781f381d02ab8fb458"}));

TEST(CanonicalPath, PublishedRules_Hold) {
  EXPECT_EQ(path_of(""), "/");
  EXPECT_EQ(path_of("/"), "/");
  EXPECT_EQ(path_of("//"), "/");
  EXPECT_EQ(path_of("/./"), "/");
  EXPECT_EQ(path_of("/a/.."), "/");
  EXPECT_EQ(path_of("/a/../"), "/");
  EXPECT_EQ(path_of("/../../a"), "/a");
  EXPECT_EQ(path_of("/a/./b//c/../d/"), "/a/b/d/");
  EXPECT_EQ(path_of("/a/b/."), "/a/b");
  EXPECT_EQ(path_of("/.hidden/..."), "/.hidden/...");
  EXPECT_EQ(path_of("/-._~09azAZ"), "/-._~09azAZ");
  EXPECT_EQ(path_of("/a b"), "/a%20b");
  EXPECT_EQ(path_of("/\xe1\x88\xb4"), "/%E1%88%B4");
  EXPECT_EQ(path_of("/a%2Fb"), "/a%252Fb");
  EXPECT_EQ(path_of("/a:b+c"), "/a%3Ab%2Bc");
}

TEST(CanonicalPath, OfS3_StaysAsItStands) {
  EXPECT_EQ(path_of("/key//with%20space/../x", PathEncoding::kOnce), "/key//with%20space/../x");
  EXPECT_EQ(path_of("", PathEncoding::kOnce), "/");
}

TEST(CanonicalQuery, PublishedRules_Hold) {
  EXPECT_EQ(query_of(""), "");
  EXPECT_EQ(query_of("b=2&a=1"), "a=1&b=2");
  EXPECT_EQ(query_of("a=2&a=1&a=10"), "a=1&a=10&a=2");
  EXPECT_EQ(query_of("flag"), "flag=");
  EXPECT_EQ(query_of("a=&A="), "A=&a=");
  EXPECT_EQ(query_of("-._~09azAZ=-._~09azAZ"), "-._~09azAZ=-._~09azAZ");
  EXPECT_EQ(query_of("k=%c3%a9%41"), "k=%C3%A9A");
  EXPECT_EQ(query_of("k=a/b:c+d=e"), "k=a%2Fb%3Ac%2Bd%3De");
  EXPECT_EQ(query_of("k=100%"), "k=100%25");
  EXPECT_EQ(query_of("k=%zz%2"), "k=%25zz%252");
  // By name and then by value, not by the text "name=value": '-' sorts before '='.
  EXPECT_EQ(query_of("a-b=1&a=2"), "a=2&a-b=1");
}

TEST(CanonicalQuery, LongerThanTheInlineSizes_IsComplete) {
  std::string query;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const std::string number = std::to_string(1000 + i);
    query.insert(0, (i > 0 ? "p" + number + "=" + std::string(20, 'v') + "&"
                           : "p" + number + "=" + std::string(20, 'v')));
    expected += (i > 0 ? "&p" : "p") + number + "=" + std::string(20, 'v');
  }
  EXPECT_EQ(query_of(query), expected);
}

TEST(CanonicalValue, Blanks_AreTrimmedAndCollapsed) {
  EXPECT_EQ(value_of("  a   b \t c  "), "a b c");
  EXPECT_EQ(value_of("\"a   b\""), "\"a b\"");
  EXPECT_EQ(value_of("   "), "");
}

TEST(CanonicalRequest, RepeatedHeaders_AreJoinedInTheOrderOfTheWire) {
  const SigningRequest request{.method = "GET", .path = "/", .payload = PayloadHash::of("")};
  EXPECT_EQ(canonical_request(request,
                              {{"host", "h"}, {"My-Header", "z"}, {"my-header", " a "}, {"MY-HEADER", "m"}}),
            "GET\n/\n\nhost:h\nmy-header:z,a,m\n\nhost;my-header\n"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// The request of the documentation's walk-through of a GET with a query.
TEST(Signer, RequestOfTheDocumentation_HasItsSignature) {
  const std::vector<HeaderView> headers{{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
  Signer signer;
  SignatureHeaders out;
  signer.sign({.method = "GET",
               .host = "iam.amazonaws.com",
               .path = "/",
               .query = "Action=ListUsers&Version=2010-05-08",
               .headers = headers,
               .payload = PayloadHash::of("")},
              {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""}, {"us-east-1", "iam"},
              sys_days(year(2015) / 8 / 30) + 12h + 36min, out);
  EXPECT_EQ(signature_of(out), "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(Signer, HeadersThatChangeOnTheWay_AreNotSigned) {
  const std::vector<HeaderView> headers{
      {"User-Agent", "x"},      {"X-Amzn-Trace-Id", "t"},
      {"Connection", "close"},  {"Transfer-Encoding", "chunked"},
      {"X-Amz-Date", "old"},    {"Authorization", "old"},
      {"X-Amz-Target", "Op"},   {"Host", "other"},
      {"TE", "trailers"},       {"Expect", "100"},
      {"Content-Type", "text"},
  };
  Signer signer;
  SignatureHeaders out;
  signer.sign(
      {.method = "POST", .host = "h", .path = "/", .headers = headers, .payload = PayloadHash::of("")},
      {"AK", "SK", "TOKEN"}, kBedrock, kAt, out, Signer::ContentHash::kHeader);
  EXPECT_NE(out.authorization.find("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;"
                                   "x-amz-security-token;x-amz-target,"),
            std::string::npos)
      << out.authorization;
}

TEST(Signer, SecretReplacedUnderOneId_DoesNotFindTheOldKey) {
  Signer signer;
  const SigningRequest request{.method = "GET", .host = "h", .path = "/", .payload = PayloadHash::of("")};
  SignatureHeaders first;
  SignatureHeaders second;
  SignatureHeaders third;
  signer.sign(request, {"AK", "one", ""}, kBedrock, kAt, first);
  signer.sign(request, {"AK", "two", ""}, kBedrock, kAt, second);
  Signer().sign(request, {"AK", "two", ""}, kBedrock, kAt, third);
  EXPECT_NE(first.authorization, second.authorization);
  EXPECT_EQ(second.authorization, third.authorization);
}

TEST(Signer, MoreKeysThanPlaces_SignAllTheSame) {
  Signer small(4);
  Signer large(4096);
  const SigningRequest request{.method = "GET", .host = "h", .path = "/", .payload = PayloadHash::of("")};
  for (int round = 0; round < 2; ++round)
    for (int key = 0; key < 50; ++key) {
      SignatureHeaders a;
      SignatureHeaders b;
      const std::string id = "AK" + std::to_string(key);
      small.sign(request, {id, kSecret, ""}, kBedrock, kAt + days(round), a);
      large.sign(request, {id, kSecret, ""}, kBedrock, kAt + days(round), b);
      EXPECT_EQ(a.authorization, b.authorization);
    }
}

TEST(Signer, FromManyThreads_SignsAlike) {
  Signer shared(8);
  const SigningRequest request{.method = "GET", .host = "h", .path = "/", .payload = PayloadHash::of("")};
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        SignatureHeaders a;
        SignatureHeaders b;
        const std::string id = "AK" + std::to_string(i % 20);
        shared.sign(request, {id, kSecret, ""}, kBedrock, kAt, a);
        Signer(1).sign(request, {id, kSecret, ""}, kBedrock, kAt, b);
        ASSERT_EQ(a.authorization, b.authorization);
      }
    });
}

TEST(Payload, NotSigned_SaysSo) {
  EXPECT_EQ(PayloadHash::not_signed().text(), "UNSIGNED-PAYLOAD");
  EXPECT_EQ(PayloadHash::of("").text(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(AmzDate, AnyTime_IsWrittenInUtc) {
  const auto text = amz_date(sys_days(year(1999) / 12 / 31) + 23h + 59min + 59s + 999ms);
  EXPECT_EQ(std::string(text.data(), text.size()), "19991231T235959Z");
}

TEST(UriEncode, ModelIds_AreSafeInAPath) {
  EXPECT_EQ(uri_encode("arn:aws:bedrock:us-east-1:1:x/y z~"),
            "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ax%2Fy%20z~");
}

}  // namespace
}  // namespace caprock::aws
