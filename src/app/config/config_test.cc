#include "app/config/config.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>

namespace caprock::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Two sections as folders have them.
struct Sample {
  std::string listen = "127.0.0.1:8080";
  std::vector<base::Secret> api_keys;
  base::Bytes body_limit{25'000'000};
  std::int64_t top_k = 5;
  double threshold = 0.25;
  std::chrono::milliseconds grace{10'000};

  Config config() {
    return Config(
        {{.name = "server",
          .help = "The listener",
          .settings =
              {{.key = "listen", .target = &listen, .help = "address and port"},
               {.key = "api_keys", .target = &api_keys, .help = "keys", .environment = {"CAPROCK_API_KEY"}},
               {.key = "body_limit", .target = &body_limit, .help = "bytes", .min = 1024},
               {.key = "grace", .target = &grace, .help = "drain", .max = 600'000}}},
         {.name = "rag.retrieve",
          .help = "Search",
          .settings = {{.key = "top_k",
                        .target = &top_k,
                        .help = "n",
                        .min = 1,
                        .max = 10'000,
                        .environment = {"VECTOR_TOP_K"}},
                       {.key = "threshold", .target = &threshold, .help = "cosine", .min = 0, .max = 1}}}});
  }
};

std::vector<std::string> texts(const std::vector<ConfigProblem>& problems) {
  std::vector<std::string> out;
  for (const ConfigProblem& problem : problems) out.push_back(problem.text());
  return out;
}

std::vector<std::string> errors_of(const std::string& toml) {
  Sample sample;
  Config config = sample.config();
  return texts(config.load({.file = "c.toml", .file_text = toml}).errors);
}

TEST(Config, NothingGiven_KeepsDefaults) {
  Sample sample;
  Config config = sample.config();
  EXPECT_TRUE(config.load({}).ok());
  EXPECT_EQ(sample.listen, "127.0.0.1:8080");
  EXPECT_EQ(config.origin("server.listen").text(), "default");
}

TEST(Config, AllSources_FlagBeforeEnvironmentBeforeFile) {
  Sample sample;
  Config config = sample.config();
  const ConfigReport report = config.load(
      {.file = "c.toml",
       .file_text =
           "[server]\nlisten = \"file\"\nbody_limit = \"64 KiB\"\ngrace = 30\n[rag.retrieve]\ntop_k = 7\n",
       .environment = {{"CAPROCK_SERVER_LISTEN", "env"}, {"VECTOR_TOP_K", "9"}, {"CAPROCK_API_KEY", "a, b"}},
       .flags = {{"--listen", "server.listen", "flag"}}});
  EXPECT_THAT(texts(report.errors), IsEmpty());
  EXPECT_EQ(sample.listen, "flag");
  EXPECT_EQ(sample.top_k, 9);
  EXPECT_EQ(sample.body_limit.count, 65536U);
  EXPECT_EQ(sample.grace, std::chrono::seconds(30));
  ASSERT_EQ(sample.api_keys.size(), 2U);
  EXPECT_TRUE(sample.api_keys[1].equals("b"));
  EXPECT_EQ(config.origin("server.listen").text(), "flag --listen");
  EXPECT_EQ(config.origin("rag.retrieve.top_k").text(), "environment VECTOR_TOP_K");
  EXPECT_EQ(config.origin("server.body_limit").text(), "c.toml:3");
  EXPECT_EQ(config.origin("rag.retrieve.threshold").text(), "default");
}

TEST(Config, OwnVariable_BeatsTheCustomaryName) {
  Sample sample;
  Config config = sample.config();
  ASSERT_TRUE(
      config.load({.environment = {{"VECTOR_TOP_K", "9"}, {"CAPROCK_RAG_RETRIEVE_TOP_K", "11"}}}).ok());
  EXPECT_EQ(sample.top_k, 11);
}

TEST(Config, EmptyVariable_CountsAsNotSet) {
  Sample sample;
  Config config = sample.config();
  EXPECT_TRUE(config.load({.environment = {{"VECTOR_TOP_K", ""}}}).ok());
  EXPECT_EQ(sample.top_k, 5);
}

TEST(Config, UnknownKey_NamesLineAndWhatWasMeant) {
  EXPECT_THAT(
      errors_of("[server]\n\nlisten = \"a\"\nlitsen = \"b\"\n"),
      ElementsAre(
          "c.toml:4: [server] litsen unknown key; did you mean \"listen\"? Allowed: listen, api_keys, "
          "body_limit, grace"));
}

TEST(Config, UnknownSection_IsSaidOnce) {
  EXPECT_THAT(
      errors_of("[serve]\nlisten = \"a\"\nx = 1\n"),
      ElementsAre(
          "c.toml:1: [serve] unknown section; did you mean \"server\"? Allowed: server, rag.retrieve"));
}

TEST(Config, KeyOutsideOfSections_SaysWhereItBelongs) {
  EXPECT_THAT(errors_of("listen = \"a\"\n"),
              ElementsAre(HasSubstr("c.toml:1: listen stands outside of any section")));
}

TEST(Config, SeveralMistakes_AreAllReported) {
  EXPECT_THAT(errors_of("[server]\nlisten = 80\n[rag.retrieve]\ntop_k = 0\nthreshold = [1, 2]\n"),
              ElementsAre("c.toml:2: [server] listen is 80; must be a text",
                          "c.toml:4: [rag.retrieve] top_k is 0; must be a whole number from 1 to 10000",
                          "c.toml:5: [rag.retrieve] threshold must be a number from 0 to 1"));
}

TEST(Config, NotToml_NamesTheLine) {
  EXPECT_THAT(errors_of("[server]\nlisten = \"a\nb\"\n"), ElementsAre(HasSubstr("c.toml:2: ")));
}

TEST(Config, LetterBeyondAsciiOutsideOfText_IsAnError) {
  EXPECT_THAT(errors_of("[server]\n\u0186 = 1\n"), ElementsAre(HasSubstr("c.toml:2: ")));
  EXPECT_THAT(errors_of("\u0186"), ElementsAre(HasSubstr("c.toml:1: ")));
}

TEST(Config, HeaderWithoutAName_IsAnError) {
  for (const char* text : {"[!", "[ !]", "[=]", "[\u0186]", "[[!]]", "[\x02]"})
    EXPECT_THAT(errors_of(text), ElementsAre(HasSubstr("c.toml:1: "))) << text;
}

TEST(Config, SameKeyTwice_IsAnError) {
  EXPECT_THAT(errors_of("[server]\nlisten = \"a\"\nlisten = \"b\"\n"), ElementsAre(HasSubstr("c.toml:3: ")));
}

TEST(Config, WrongVariable_NamesTheVariable) {
  Sample sample;
  Config config = sample.config();
  EXPECT_THAT(
      texts(config.load({.environment = {{"VECTOR_TOP_K", "many"}}}).errors),
      ElementsAre(
          "environment VECTOR_TOP_K: [rag.retrieve] top_k is \"many\"; must be a whole number from 1 to "
          "10000"));
}

TEST(Config, MisspeltVariable_IsAWarningOnly) {
  Sample sample;
  Config config = sample.config();
  const ConfigReport report =
      config.load({.environment = {{"CAPROCK_SERVER_LISTN", "x"}, {"CAPROCK_ELSEWHERE", "y"}}});
  EXPECT_TRUE(report.ok());
  EXPECT_THAT(
      texts(report.warnings),
      ElementsAre("environment CAPROCK_SERVER_LISTN: is not read; did you mean CAPROCK_SERVER_LISTEN?"));
}

TEST(Config, UnknownFlagSetting_IsAnError) {
  Sample sample;
  Config config = sample.config();
  EXPECT_THAT(texts(config.load({.flags = {{"--set", "server.lisen", "x"}}}).errors),
              ElementsAre(HasSubstr("did you mean \"server.listen\"?")));
}

TEST(ConfigShow, Output_HidesSecretsAndReadsBackTheSame) {
  Sample sample;
  Config config = sample.config();
  ASSERT_TRUE(
      config
          .load({.file = "c.toml",
                 .file_text = "[server]\nlisten = \"[::1]:9\"\napi_keys = [\"hush\"]\ngrace = \"90s\"\n"})
          .ok());
  const std::string shown = config.to_toml();
  EXPECT_THAT(shown, Not(HasSubstr("hush")));
  EXPECT_THAT(shown, HasSubstr("# api_keys = [\"***\"]  # c.toml:3"));
  EXPECT_THAT(shown, HasSubstr("listen = \"[::1]:9\"  # c.toml:2"));
  EXPECT_THAT(shown, HasSubstr("threshold = 0.25  # default"));

  Sample again;
  Config reread = again.config();
  EXPECT_THAT(texts(reread.load({.file = "shown.toml", .file_text = shown}).errors), IsEmpty());
  EXPECT_EQ(again.listen, "[::1]:9");
  EXPECT_EQ(again.grace, std::chrono::seconds(90));
}

TEST(ConfigShow, Json_HasValueAndOrigin) {
  Sample sample;
  Config config = sample.config();
  ASSERT_TRUE(config.load({.environment = {{"CAPROCK_API_KEY", "hush"}, {"VECTOR_TOP_K", "9"}}}).ok());
  const boost::json::value shown = boost::json::parse(config.to_json());
  EXPECT_EQ(shown.at_pointer("/rag.retrieve/top_k/value").as_int64(), 9);
  EXPECT_EQ(shown.at_pointer("/rag.retrieve/top_k/origin").as_string(), "environment VECTOR_TOP_K");
  EXPECT_EQ(shown.at_pointer("/server/api_keys/value/0").as_string(), "***");
}

TEST(ReadConfigFile, MissingFileOrFolder_IsAProblemThatNamesIt) {
  ConfigSources sources;
  const auto missing = read_config_file("/nowhere/caprock.toml", sources);
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->text(), "/nowhere/caprock.toml: cannot be read: No such file or directory");
  const auto folder = read_config_file(std::filesystem::temp_directory_path().string(), sources);
  ASSERT_TRUE(folder);
  EXPECT_THAT(folder->text(), HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace caprock::app
