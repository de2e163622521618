#include "aws/eventstream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aws/crc32.h"
#include "aws/testing/frame.h"

namespace caprock::aws {
namespace {

using testing::big_endian;
using testing::frame;

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

// ../shared/reference/bedrock-wire.md §4.4.
const std::string kDelta = from_hex(
    "0000009e00000057fe1b824f0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e74656e"
    "742d"
    "747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22636f6e7465"
    "6e74"
    "426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a224869227d2c2270223a22616263227d9343f010");
const std::string kThrottling = from_hex(
    "00000090000000618e91a9b70f3a657863657074696f6e2d747970650700137468726f74746c696e67457863657074696f6e0d3a"
    "636f"
    "6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074"
    "6"
    "96f6e7b226d657373616765223a22546f6f206d616e79207265717565737473227de67f8005");

/// A frame of which only the prelude has come.
std::string prelude(std::uint32_t total, std::uint32_t headers) {
  const std::string lengths = big_endian(total) + big_endian(headers);
  return lengths + big_endian(crc32(lengths));
}

/// What stands there, or "more N", or the fault.
std::string told(const EventOutcome& outcome) {
  if (const auto* fault = std::get_if<EventStreamFault>(&outcome)) return std::string(describe(*fault));
  if (const auto* more = std::get_if<NeedMore>(&outcome)) return "more " + std::to_string(more->total);
  return "message";
}
std::string told(std::string_view bytes) { return told(EventDecoder().decode(bytes)); }

TEST(EventDecoder, GoldenDelta_IsRead) {
  EventDecoder decoder;
  const EventOutcome outcome = decoder.decode(kDelta);
  const auto& message = std::get<EventMessage>(outcome);
  EXPECT_EQ(message.size, 158U);
  EXPECT_EQ(message.headers.size(), 3U);
  EXPECT_EQ(message.message_type(), "event");
  EXPECT_EQ(message.text(":event-type"), "contentBlockDelta");
  EXPECT_EQ(message.text(":content-type"), "application/json");
  EXPECT_EQ(message.text(":exception-type"), "");
  EXPECT_EQ(message.payload, R"({"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abc"})");
  EXPECT_GE(message.payload.data(), kDelta.data()) << "a view, not a copy";
  EXPECT_LE(message.payload.data() + message.payload.size(), kDelta.data() + kDelta.size());
}

TEST(EventDecoder, GoldenException_IsRead) {
  EventDecoder decoder;
  const EventOutcome outcome = decoder.decode(kThrottling);
  const auto& message = std::get<EventMessage>(outcome);
  EXPECT_EQ(message.size, 144U);
  EXPECT_EQ(message.message_type(), "exception");
  EXPECT_EQ(message.text(":exception-type"), "throttlingException");
  EXPECT_EQ(message.payload, R"({"message":"Too many requests"})");
}

TEST(EventEncoder, GoldenFrames_AreWritten) {
  std::string out;
  ASSERT_TRUE(
      append_event(out, "contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abc"})"));
  EXPECT_EQ(out, kDelta);
  ASSERT_TRUE(append_exception(out, "throttlingException", R"({"message":"Too many requests"})"));
  EXPECT_EQ(out, kDelta + kThrottling);
}

TEST(EventDecoder, CutAnywhere_NeedsMore) {
  for (std::size_t size = 0; size < kDelta.size(); ++size)
    EXPECT_EQ(told(kDelta.substr(0, size)), size < 12 ? "more 12" : "more 158") << size;
}

TEST(EventDecoder, AnyBitFlipped_IsAFault) {
  for (std::size_t bit = 0; bit < kDelta.size() * 8; ++bit) {
    std::string changed = kDelta;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(told(changed), bit < 96 ? "prelude checksum mismatch" : "message checksum mismatch") << bit;
  }
}

TEST(EventDecoder, AllTenTypes_AreReadAndWritten) {
  EventUuid uuid{};
  for (std::size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<std::uint8_t>(i + 1);
  const std::vector<EventHeader> headers{
      {"true", true},
      {"false", false},
      {"byte", std::int8_t{-2}},
      {"short", std::int16_t{-300}},
      {"int", std::int32_t{-70'000}},
      {"long", std::int64_t{-5'000'000'000}},
      {"bytes", EventBytes{std::string_view("\0\xff", 2)}},
      {"string", std::string_view("text")},
      {"time", EventTimestamp(std::chrono::milliseconds(1'234'567'890'123))},
      {"uuid", uuid}};
  std::string out;
  ASSERT_TRUE(append_message(out, headers, "payload"));
  const std::string section = from_hex(
      "047472756500"                        // true
      "0566616c736501"                      // false
      "046279746502fe"                      // byte
      "0573686f727403fed4"                  // short
      "03696e7404fffeee90"                  // int
      "046c6f6e6705fffffffed5fa0e00"        // long
      "0562797465730600"                    // bytes …
      "0200ff06737472696e6707000474657874"  // … and string
      "0474696d65080000011f71fb04cb"        // time
      "0475756964090102030405060708090a0b0c0d0e0f10");
  EXPECT_EQ(out, frame(section, "payload"));

  EventDecoder decoder;
  const EventOutcome outcome = decoder.decode(out);
  const auto& message = std::get<EventMessage>(outcome);
  EXPECT_EQ(std::vector<EventHeader>(message.headers.begin(), message.headers.end()), headers);
  EXPECT_EQ(message.payload, "payload");
  EXPECT_EQ(message.text("bytes"), "") << "of another type";
}

TEST(EventDecoder, NoHeadersAndNoPayload_IsAMessage) {
  std::string out;
  ASSERT_TRUE(append_message(out, {}, ""));
  EXPECT_EQ(out.size(), 16U);
  EXPECT_EQ(told(out), "message");
}

TEST(EventDecoder, Limits_AreJudgedFromThePrelude) {
  constexpr std::uint32_t kHeaders = 128U << 10;
  constexpr std::uint32_t kPayload = 24U << 20;
  EXPECT_EQ(told(prelude(16 + kHeaders + kPayload, kHeaders)),
            "more " + std::to_string(16 + kHeaders + kPayload));
  EXPECT_EQ(told(prelude(16 + kHeaders + 1, kHeaders + 1)), "headers too large");
  EXPECT_EQ(told(prelude(16 + kPayload + 1, 0)), "payload too large");
  EXPECT_EQ(told(prelude(0xFFFFFFFF, 0)), "payload too large");
  EXPECT_EQ(told(prelude(15, 0)), "impossible lengths");
  EXPECT_EQ(told(prelude(16, 1)), "impossible lengths");
  EXPECT_EQ(told(prelude(0, 0)), "impossible lengths");
}

TEST(EventDecoder, HeadersThatAreWrong_AreFaults) {
  const auto of = [](std::string_view hex) { return told(frame(from_hex(hex), "")); };
  EXPECT_EQ(of("0161070001"), "malformed header") << "the string ends outside";
  EXPECT_EQ(of("01610700"), "malformed header") << "half a length";
  EXPECT_EQ(of("016105000000"), "malformed header") << "half a number";
  EXPECT_EQ(of("0161090102"), "malformed header") << "half a uuid";
  EXPECT_EQ(of("0561"), "malformed header") << "the name ends outside";
  EXPECT_EQ(of("0161"), "malformed header") << "no type";
  EXPECT_EQ(of("0000"), "malformed header") << "no name";
  EXPECT_EQ(of("01610a"), "unknown header type");
  EXPECT_EQ(of("0161ff"), "unknown header type");
  EXPECT_EQ(of("016100016101"), "duplicate header");
}

TEST(EventDecoder, DuplicateAmongMany_IsFound) {
  std::string section;
  for (char a = 'a'; a <= 'z'; ++a) section += std::string("\x02") + a + "x" + '\0';
  EXPECT_EQ(told(frame(section, "")), "message");
  EXPECT_EQ(told(frame(section + std::string("\x02qx\0", 4), "")), "duplicate header");
}

TEST(EventDecoder, FortyThousandHeaders_TakeNoQuadraticTime) {
  std::string section;
  for (int i = 0; i < 26'000; ++i) {
    const std::string_view name(reinterpret_cast<const char*>(&i), 3);
    section.append("\x03").append(name).append(1, '\0');
  }
  EXPECT_EQ(told(frame(section, "")), "message");
}

TEST(EventStreamReader, SplitAtEveryOffset_GivesTheSameMessages) {
  const std::string stream = kDelta + kThrottling + kDelta;
  for (std::size_t first = 0; first <= stream.size(); ++first)
    for (const std::size_t second :
         {first, std::min(first + 1, stream.size()), (first + stream.size()) / 2}) {
      EventStreamReader reader;
      std::vector<std::string> types;
      for (const std::string& piece :
           {stream.substr(0, first), stream.substr(first, second - first), stream.substr(second)}) {
        reader.push(piece);
        for (EventOutcome outcome = reader.next(); !std::holds_alternative<NeedMore>(outcome);
             outcome = reader.next())
          types.emplace_back(std::get<EventMessage>(outcome).message_type());
      }
      ASSERT_EQ(types, (std::vector<std::string>{"event", "exception", "event"})) << first << ' ' << second;
      ASSERT_EQ(reader.pending(), 0U);
    }
}

TEST(EventStreamReader, ByteByByte_GivesTheSameMessages) {
  EventStreamReader reader;
  int messages = 0;
  for (const char c : kDelta + kThrottling) {
    reader.push(std::string(1, c));
    if (std::holds_alternative<EventMessage>(reader.next())) ++messages;
  }
  EXPECT_EQ(messages, 2);
}

TEST(EventStreamReader, EndWithinAMessage_IsSeen) {
  EventStreamReader reader;
  reader.push(kDelta + kDelta.substr(0, 100));
  EXPECT_EQ(told(reader.next()), "message");
  EXPECT_EQ(told(reader.next()), "more 158");
  EXPECT_EQ(reader.pending(), 100U);
}

TEST(EventStreamReader, AfterAFault_StaysThere) {
  EventStreamReader reader;
  std::string broken = kDelta;
  broken[20] ^= 1;
  reader.push(broken + kDelta);
  EXPECT_EQ(told(reader.next()), "message checksum mismatch");
  reader.push(kDelta);
  EXPECT_EQ(told(reader.next()), "message checksum mismatch");
}

TEST(EventEncoder, WhatHasNoRoom_IsRefusedAndNothingAppended) {
  std::string out = "before";
  const std::string long_name(256, 'n');
  const std::string long_value(65536, 'v');
  const auto refuses = [&](const std::vector<EventHeader>& headers, std::string_view payload,
                           base::ErrorKind kind) {
    const auto result = append_message(out, headers, payload);
    return !result && result.error().kind == kind && out == "before";
  };
  EXPECT_TRUE(refuses({{"", true}}, "", base::ErrorKind::kInvalidArgument));
  EXPECT_TRUE(refuses({{long_name, true}}, "", base::ErrorKind::kInvalidArgument));
  EXPECT_TRUE(refuses({{"a", std::string_view(long_value)}}, "", base::ErrorKind::kInvalidArgument));
  EXPECT_TRUE(refuses({{"a", true}, {"a", false}}, "", base::ErrorKind::kInvalidArgument));
  const std::string_view most(long_value.data(), 65535);
  EXPECT_TRUE(refuses({{"a", most}, {"b", most}, {"c", true}}, "", base::ErrorKind::kPayloadTooLarge));
  EXPECT_TRUE(refuses({}, std::string(kMaxEventPayload + 1, 'p'), base::ErrorKind::kPayloadTooLarge));
}

}  // namespace
}  // namespace caprock::aws
