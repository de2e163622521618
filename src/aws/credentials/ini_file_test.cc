#include "aws/credentials/ini_file.h"

#include <gmock/gmock.h>

namespace caprock::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string value(const IniFile& file, const std::string& key) {
  return file.sections.at(0).properties.at(key).value;
}

TEST(IniFile, Sections_HaveKindAndName) {
  const IniFile file =
      read_ini("[default]\n[profile dev]\n[ sso-session   corp ] # remark\n[profile 'two words']\n");
  ASSERT_EQ(file.sections.size(), 4U);
  EXPECT_EQ(file.sections[0].kind, "");
  EXPECT_EQ(file.sections[0].name, "default");
  EXPECT_EQ(file.sections[1].kind, "profile");
  EXPECT_EQ(file.sections[1].name, "dev");
  EXPECT_EQ(file.sections[2].kind, "sso-session");
  EXPECT_EQ(file.sections[2].name, "corp");
  EXPECT_EQ(file.sections[3].name, "two words");
  EXPECT_THAT(file.problems, IsEmpty());
}

TEST(IniFile, Values_AreTrimmedAndKeysInLowerCase) {
  const IniFile file =
      read_ini("\xEF\xBB\xBF[a]\r\nAWS_Access_Key_Id =  AKID  \r\nempty =\nurl=http://x/?a=b\n");
  EXPECT_EQ(value(file, "aws_access_key_id"), "AKID");
  EXPECT_EQ(value(file, "empty"), "");
  EXPECT_EQ(value(file, "url"), "http://x/?a=b");
}

TEST(IniFile, Remarks_NeedWhiteSpaceBeforeThem) {
  const IniFile file = read_ini("# top\n[a]\n; other\nx = one # remark\ny = one#two;three\nz = # all\n");
  EXPECT_EQ(value(file, "x"), "one");
  EXPECT_EQ(value(file, "y"), "one#two;three");
  EXPECT_EQ(value(file, "z"), "");
}

TEST(IniFile, IndentedLines_ContinueAValueOrNameItsParts) {
  const IniFile file =
      read_ini("[services s]\ncommand = one\n  two\nsts =\n  endpoint_url = http://h:1\n\tother = 2\n");
  EXPECT_EQ(value(file, "command"), "one\ntwo");
  EXPECT_THAT(file.sections[0].properties.at("sts").parts,
              ElementsAre(Pair("endpoint_url", "http://h:1"), Pair("other", "2")));
}

TEST(IniFile, SectionNamedTwice_IsOneAndTheLaterValueWins) {
  const IniFile file = read_ini("[a]\nx=1\ny=1\n[b]\nx=9\n[a]\nx=2\n");
  ASSERT_EQ(file.sections.size(), 2U);
  EXPECT_EQ(value(file, "x"), "2");
  EXPECT_EQ(value(file, "y"), "1");
}

TEST(IniFile, WhatIsNotUnderstood_IsLeftOutAndReportedWithoutItsText) {
  const IniFile file = read_ini("x = 1\n[a\nz = 1\n[b]\nSECRETVALUE\nbad key = 1\ny = 1\n[]\nq = 2\n");
  ASSERT_EQ(file.sections.size(), 1U);
  EXPECT_THAT(file.sections[0].properties, ElementsAre(Pair("y", ::testing::_)));
  std::vector<std::uint32_t> lines;
  for (const IniProblem& problem : file.problems) {
    lines.push_back(problem.line);
    EXPECT_THAT(problem.message, ::testing::Not(::testing::HasSubstr("SECRET")));
  }
  EXPECT_THAT(lines, ElementsAre(1U, 2U, 3U, 5U, 6U, 8U, 9U));
}

}  // namespace
}  // namespace caprock::aws
