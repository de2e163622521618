#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rag/parse/child/process.h"
#include "rag/parse/child/protocol.h"
#include "rag/parse/child/sandbox.h"
#include "rag/parse/parser.h"
#include "rag/parse/testing/make_files.h"

namespace caprock::rag {
namespace {

using ::testing::HasSubstr;

TEST(RunProcess_Output, IsCollectedWithItsExitCode) {
  const auto outcome =
      run_process({.command = {"/bin/sh", "-c", "cat; echo err >&2; exit 3"}, .input = "in"});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, "in");
  EXPECT_EQ(outcome->errors, "err\n");
  EXPECT_EQ(outcome->exit_code, 3);
}

TEST(RunProcess_Hanging, IsKilledWithItsChildren) {
  const auto outcome = run_process(
      {.command = {"/bin/sh", "-c", "sleep 100 & sleep 100"}, .wall_time = std::chrono::milliseconds(50)});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->timed_out);
}

TEST(RunProcess_Flood, IsStopped) {
  const auto outcome =
      run_process({.command = {"/bin/sh", "-c", "while :; do echo flood; done"}, .max_output = 100'000});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->too_much);
}

TEST(RunProcess_Missing, IsAnError) { EXPECT_FALSE(run_process({.command = {"/no/such/program"}})); }

TEST(RunProcess_Environment, IsNotInherited) {
  ::setenv("CAPROCK_TEST_SECRET", "x", 1);
  const auto outcome = run_process({.command = {"/usr/bin/env"}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, "");
}

ParsedDocument sample() {
  ParsedDocument document{.title = "T", .text = "Ünder\n\nx | y", .pages = 2, .format = "f"};
  document.blocks.push_back({.kind = Block::Kind::kHeading,
                             .span = {0, 5},
                             .level = 2,
                             .section = "a",
                             .page = 1,
                             .lines = {{.span = {0, 5}, .box = {1, 2, 3, 4}, .page = 1}}});
  document.blocks.push_back(
      {.kind = Block::Kind::kTableRow, .span = {7, 12}, .section = "a", .table_header = "h", .page = 2});
  return document;
}

TEST(Protocol_Document, SurvivesTheJourney) {
  const auto back = decode_outcome(encode_outcome(sample()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text, sample().text);
  ASSERT_EQ(back->blocks.size(), 2U);
  EXPECT_EQ(back->blocks[0].lines[0].box.y1, 4);
  EXPECT_EQ(back->blocks[1].section, "a");
  EXPECT_EQ(back->blocks[1].span.end, 12U);
  const auto error = decode_outcome(encode_outcome(base::failure(base::invalid_argument("f", "m"))));
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().message, "m");
}

TEST(Protocol_AnyCut, IsRefused) {
  const std::string whole = encode_outcome(sample());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto back = decode_outcome(whole.substr(0, size));
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().kind, base::ErrorKind::kInternal);
  }
}

TEST(ParseDocument_CpuLimit, IsAReason) {
  std::string slow = "<html>";
  for (int i = 0; i < 400'000; ++i) slow += "<a><b><i><p>";
  const auto document =
      parse_document({.bytes = slow}, {.cpu_time = std::chrono::milliseconds(1000), .memory = {4ULL << 30}});
  ASSERT_FALSE(document);
  EXPECT_THAT(document.error().message,
              ::testing::AnyOf(HasSubstr("takes more than 1 s"), HasSubstr("memory")));
}

#ifndef CAPROCK_SANITIZED
TEST(ParseDocument_MemoryLimit, IsAReason) {
  std::string large = "<html>";
  for (int i = 0; i < 1'000'000; ++i) large += "<p>x";
  const auto document = parse_document({.bytes = large}, {.memory = {100ULL << 20}});
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().kind, base::ErrorKind::kUnavailable) << document.error().message;
}
#endif

}  // namespace
}  // namespace caprock::rag
