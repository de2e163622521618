// The parts that only turn values into values.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include "app/cli/progress.h"
#include "app/cli/records.h"
#include "app/cli/submissions.h"
#include "app/cli/terminal.h"

namespace caprock::app {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

TEST(RecordBody, CommonFieldNames_AreRead) {
  EXPECT_EQ(
      record_body(R"({"_id":"7","title":"T","text":"x","metadata":{"year":2020}})", "/f", 3),
      json::parse(
          R"({"content":"x","source":"/f#7","content_type":"text/plain","title":"T","metadata":{"year":2020}})"));
  EXPECT_EQ(record_body(R"({"id":12,"body":"x","metadata":{}})", "/f", 3)->at("source").as_string(), "/f#12");
  EXPECT_EQ(record_body(R"({"url":"https://e.org/","content":"x"})", "/f", 3)->at("source").as_string(),
            "/f#https://e.org/");
  EXPECT_EQ(record_body(R"({"text":"x"})", "/f", 3)->at("source").as_string(), "/f#3");
}

TEST(RecordBody, WhatIsNoRecord_NamesTheLine) {
  EXPECT_THAT(record_body("[1]", "/f", 3).error().message, HasSubstr("/f:3: is not a JSON object"));
  EXPECT_THAT(record_body("{", "/f", 4).error().message, HasSubstr("/f:4: is not JSON"));
  EXPECT_THAT(record_body(R"({"text":7})", "/f", 5).error().message, HasSubstr("/f:5: has no text"));
}

TEST(ReadMetadataOptions, Values_GetTheirType) {
  EXPECT_EQ(read_metadata_options({"a=1", "b=true", "c=x=y", "d=", "e=\"q\"", "f=1.5"}),
            json::parse(R"({"a":1,"b":true,"c":"x=y","d":"","e":"\"q\"","f":1.5})"));
  EXPECT_FALSE(read_metadata_options({"novalue"}));
  EXPECT_FALSE(read_metadata_options({"=x"}));
}

TEST(UploadRequest, FileName_CannotBreakOutOfItsHeader) {
  const ApiRequest request = upload_request({{"collection", "c"}}, "a\"b\r\nX: y.txt", "bytes");
  EXPECT_THAT(request.body, HasSubstr("filename=\"a%22b%0D%0AX: y.txt\"\r\n\r\nbytes\r\n--"));
}

TEST(ProgressLine, RateAndTimeLeft_AreTold) {
  EXPECT_EQ(progress_line({50, 0, 200, std::chrono::seconds(10)}),
            "[#####...............] 50 of 200  5.0/s  30s left");
  EXPECT_EQ(progress_line({0, 0, 0, std::chrono::seconds(0)}), "[....................] 0 of 0");
  EXPECT_THAT(progress_line({900, 2, 1000, std::chrono::seconds(3)}), HasSubstr("300/s  1s left  2 failed"));
}

TEST(ShortDuration, Spans_AreRounded) {
  EXPECT_EQ(short_duration(std::chrono::milliseconds(100)), "1s");
  EXPECT_EQ(short_duration(std::chrono::seconds(65)), "1m05s");
  EXPECT_EQ(short_duration(std::chrono::seconds(7800)), "2h10m");
}

TEST(Printable, ControlCharacters_AreReplaced) {
  EXPECT_EQ(printable("a\x1b[1m\tb\nc\x9b\xC2\x9B"), "a\xEF\xBF\xBD[1m\tb\nc\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(one_line(" a\n\n b  c ", 80), "a b c ");
  EXPECT_EQ(one_line("äöüß", 3), "äö…");
}

}  // namespace
}  // namespace caprock::app
