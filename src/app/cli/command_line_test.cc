#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/cli/commands.h"
#include "app/cli/testing_terminal.h"

namespace caprock::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// The command line over a fake API, in a home of its own.
class CommandLineTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "caprock-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    home_ = name;
    variables_ = {{"HOME", home_.string()}};
  }
  void TearDown() override { fs::remove_all(home_); }

  int run(const std::vector<std::string>& arguments) {
    io_.out.str("");
    io_.err.str("");
    std::string listen = "127.0.0.1:8080";
    net::NetSettings net;
    const gateway::PricingSettings pricing;
    const CommandEnvironment environment{
        .version = "1.2.3",
        .variables = variables_,
        .terminal = io_.terminal(),
        .sections = {{.name = "server",
                      .help = "s",
                      .settings = {{.key = "listen", .target = &listen, .help = "l"}}}},
        .net = net,
        .pricing = pricing,
        .check_settings = [&]() -> base::Result<void> {
          if (listen == "0.0.0.0:1")
            return base::failure(base::invalid_argument("server.api_keys", "needs a key"));
          return {};
        },
        .serve =
            [&](const ServeOptions& options) {
              served_ = options.data.string() + " " + options.docs.string() + " " + listen;
              return 0;
            },
        .open_alone = [&](const fs::path& data) -> base::Result<std::unique_ptr<ApiClient>> {
          opened_ = data;
          if (refuse_) return base::failure(*refuse_);
          return std::make_unique<FakeApiClient>(api_);
        }};
    return run_command_line(arguments, environment);
  }

  std::string out() const { return io_.out.str(); }
  std::string err() const { return io_.err.str(); }
  fs::path write(const std::string& name, const std::string& text) {
    fs::create_directories((home_ / name).parent_path());
    std::ofstream(home_ / name) << text;
    return home_ / name;
  }

  fs::path home_;
  std::map<std::string, std::string> variables_;
  TestTerminal io_;
  FakeApi api_;
  fs::path opened_;
  std::string served_;
  std::optional<base::Error> refuse_;
};

TEST_F(CommandLineTest, Help_NamesEveryCommand) {
  EXPECT_EQ(run({"--help"}), kExitOk);
  for (const char* name : {"serve", "ask", "generate", "ingest", "documents", "chat", "keys", "config",
                           "doctor", "version", "completion"})
    EXPECT_THAT(out(), HasSubstr(name));
}

TEST_F(CommandLineTest, WrongUsage_IsExitCode2) {
  EXPECT_EQ(run({}), kExitUsage);
  EXPECT_EQ(run({"aks", "x"}), kExitUsage);
  EXPECT_EQ(run({"ask"}), kExitUsage);
  EXPECT_EQ(run({"ask", "x", "--top-k", "0"}), kExitUsage);
  EXPECT_EQ(run({"documents"}), kExitUsage);
  EXPECT_EQ(run({"ask", "x", "--filter", "{"}), kExitUsage);
}

TEST_F(CommandLineTest, Version_IsPrinted) {
  EXPECT_EQ(run({"version"}), kExitOk);
  EXPECT_EQ(out(), "caprock 1.2.3\n");
}

TEST_F(CommandLineTest, Serve_GetsFolderDocsAndAddress) {
  EXPECT_EQ(run({"serve", "--listen", "127.0.0.1:0", "--data", "/d", "--docs", "/docs"}), 0);
  EXPECT_EQ(served_, "/d /docs 127.0.0.1:0");
  EXPECT_EQ(run({"serve", "--set", "server.listen=[::1]:9"}), 0);
  EXPECT_EQ(served_, home_.string() + "/.local/share/caprock  [::1]:9");
}

TEST_F(CommandLineTest, WrongSettings_AreToldBeforeAnythingRuns) {
  EXPECT_EQ(run({"serve", "--set", "server.lisen=x"}), kExitUsage);
  EXPECT_THAT(err(), HasSubstr("did you mean \"server.listen\"?"));
  EXPECT_EQ(run({"serve", "--listen", "0.0.0.0:1"}), kExitUsage);
  EXPECT_THAT(err(), HasSubstr("needs a key"));
  EXPECT_EQ(run({"config", "check", "--config", "/nowhere.toml"}), kExitUsage);
  EXPECT_THAT(err(), HasSubstr("/nowhere.toml: cannot be read"));
  EXPECT_EQ(served_, "");
}

TEST_F(CommandLineTest, ConfigShow_ReadsTheUsersFileAndSaysSo) {
  const fs::path file = write(".config/caprock/caprock.toml", "[server]\nlisten = \"127.0.0.1:9\"\n");
  EXPECT_EQ(run({"config", "show"}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("listen = \"127.0.0.1:9\"  # " + file.string() + ":2"));
  EXPECT_EQ(run({"config", "show", "--json"}), kExitOk);
  EXPECT_EQ(json::parse(out()).at_pointer("/server/listen/value").as_string(), "127.0.0.1:9");
}

TEST_F(CommandLineTest, Ask_PrintsAnswerAndCitations) {
  api_.on(
      "POST /query", 200,
      R"({"answer":"Ice blocked the fuel filter. [1]","abstained":false,"citations":[{"number":1,"quote":"the filter\nwas blocked",)"
      R"("title":"Crash","source":"/r/crash.pdf","page":3}]})");
  EXPECT_EQ(run({"ask", "What", "caused it?", "--collection", "c", "--top-k", "7", "--filter",
                 R"({"year":{"gte":2020}})"}),
            kExitOk);
  EXPECT_EQ(out(),
            "Ice blocked the fuel filter. [1]\n\n[1] \"the filter was blocked\"\n    Crash, page 3 "
            "(/r/crash.pdf)\n");
  EXPECT_EQ(json::parse(api_.asked()[0].body),
            json::parse(
                R"({"query":"What caused it?","collection":"c","top_k":7,"filter":{"year":{"gte":2020}}})"));
  EXPECT_EQ(opened_, home_ / ".local/share/caprock");
}

TEST_F(CommandLineTest, Ask_AbstentionIsExitCode3WithNearestPassages) {
  api_.on(
      "POST /query", 200,
      R"({"answer":"","abstained":true,"reason":"nothing fits","sources":[{"title":"A","content":"near","score":0.5}]})");
  EXPECT_EQ(run({"ask", "x"}), kExitAbstained);
  EXPECT_THAT(out(), AllOf(HasSubstr("nothing fits"), HasSubstr("1. A  [0.500]\n   near")));
  EXPECT_EQ(run({"ask", "x", "--json"}), kExitAbstained);
  EXPECT_TRUE(json::parse(out()).at("abstained").as_bool());
}

TEST_F(CommandLineTest, Ask_HostileTextDoesNotReachTheTerminal) {
  api_.on("POST /query", 200, "{\"answer\":\"a\\u001b[2Jb\\u202e\",\"abstained\":false}");
  EXPECT_EQ(run({"ask", "x"}), kExitOk);
  EXPECT_THAT(out(), Not(HasSubstr("\x1b")));
}

TEST_F(CommandLineTest, Generate_PrintsTheText) {
  api_.on("POST /generate", 200, "{\"text\":\"It\\u001b[2J rains.\",\"model_used\":\"m\"}");
  EXPECT_EQ(run({"generate", "Why", "not?", "--model", "m", "--max-tokens", "9", "--temperature", "0.5"}),
            kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("rains.\n"), Not(HasSubstr("\x1b"))));
  EXPECT_EQ(json::parse(api_.asked()[0].body),
            json::parse(R"({"prompt":"Why not?","model_preference":"m","max_tokens":9,"temperature":0.5})"));
  EXPECT_EQ(run({"generate", "x", "--context", "/nowhere/at/all"}), kExitUsage);
  EXPECT_EQ(run({"generate", "x", "--temperature", "3"}), kExitUsage);
}

TEST_F(CommandLineTest, ErrorAnswer_IsExitCode1WithItsMessage) {
  api_.on("POST /query", 400,
          R"({"error":{"type":"invalid_request","message":"must not be empty","field":"query"}})");
  EXPECT_EQ(run({"ask", ""}), kExitFailed);
  EXPECT_EQ(err(), "caprock: query: must not be empty\n");
}

TEST_F(CommandLineTest, FolderInUseOrServerGone_IsExitCode4) {
  refuse_ = base::Error(base::ErrorKind::kConflict, "in use by process 1");
  EXPECT_EQ(run({"ask", "x"}), kExitUnreachable);
  EXPECT_EQ(err(), "caprock: in use by process 1\n");
  EXPECT_EQ(run({"ask", "x", "--url", "127.0.0.1:1"}), kExitUnreachable);
  EXPECT_THAT(err(), HasSubstr("cannot reach 127.0.0.1:1"));
}

TEST_F(CommandLineTest, DocumentsList_FollowsCursors) {
  api_.on("GET /documents?limit=500", 200,
          R"({"documents":[{"id":"a","status":"INDEXED","title":"A"}],"next_cursor":"n 1"})");
  api_.on("GET /documents?limit=500&cursor=n%201", 200,
          R"({"documents":[{"id":"b","status":"FAILED","title":"B","error":"no text"}],"next_cursor":null})");
  EXPECT_EQ(run({"documents", "list", "--json"}), kExitOk);
  EXPECT_EQ(json::parse(out()).at("documents").as_array().size(), 2U);
  EXPECT_EQ(run({"documents", "list"}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("a  INDEXED"), HasSubstr("no text")));
}

TEST_F(CommandLineTest, DocumentsVerbs_CallTheirRoutes) {
  api_.on("GET /documents/a", 200, R"({"id":"a","title":"A"})");
  api_.on("DELETE /documents/a", 204, "");
  api_.on("POST /documents/a/retry", 202, R"({"id":"a","status":"PENDING"})");
  EXPECT_EQ(run({"documents", "show", "a"}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("title           A"));
  api_.on("GET /documents/a/text", 200, "{\"text\":1}");
  EXPECT_EQ(run({"documents", "show", "--text", "a"}), kExitOk);
  EXPECT_EQ(out(), "{\"text\":1}\n");
  EXPECT_EQ(run({"documents", "delete", "a"}), kExitOk);
  EXPECT_EQ(run({"documents", "retry", "a"}), kExitOk);
  EXPECT_EQ(run({"documents", "delete", "b", "a"}), kExitFailed);
  EXPECT_THAT(err(), HasSubstr("no such thing"));
}

TEST_F(CommandLineTest, Ingest_HandsFilesInAndWaits) {
  const fs::path folder = write("in/a.txt", "alpha").parent_path();
  write("in/.hidden/x.txt", "no");
  write("in/sub/b.md", "beta");
  api_.on("POST /documents/upload", [](const ApiRequest& request) -> ApiResponse {
    const bool beta = request.body.find("beta") != std::string::npos;
    return {202,
            {},
            beta ? R"({"documents":[{"file_name":"b.md","document":{"id":"2","status":"PENDING"}}]})"
                 : R"({"documents":[{"file_name":"a.txt","document":{"id":"1","status":"PENDING"}}]})"};
  });
  api_.on("GET /documents/1", 200, R"({"id":"1","status":"INDEXED"})");
  api_.on("GET /documents/2", 200, R"({"id":"2","status":"FAILED","error":"no text"})");
  EXPECT_EQ(run({"ingest", folder.string(), "--collection", "c", "--metadata", "year=2020"}), kExitFailed);
  EXPECT_THAT(out(), HasSubstr("1 document indexed, 1 failed"));
  EXPECT_EQ(err(), (folder / "sub/b.md").string() + ": no text\n");
  const std::string body = api_.asked()[0].body;
  EXPECT_THAT(body, HasSubstr("filename=\""));
  EXPECT_THAT(body, HasSubstr("name=\"metadata\"\r\n\r\n{\"year\":2020}\r\n"));
  EXPECT_THAT(body, HasSubstr("name=\"source\"\r\n\r\n" + folder.string()));
}

TEST_F(CommandLineTest, IngestRecords_AreOneDocumentALine) {
  std::string lines;
  for (int i = 0; i < 100; ++i)
    lines += R"({"_id":")" + std::to_string(i) + R"(","title":"T","text":"x"})" + "\n\n";
  lines += "{\"title\":\"no text\"}\nnot json\n";
  const fs::path file = write("r.jsonl", lines);
  std::atomic<int> next = 0;
  api_.on("POST /documents/ingest", [&](const ApiRequest&) -> ApiResponse {
    return {202, {}, R"({"status":"PENDING","id":"d)" + std::to_string(next++) + "\"}"};
  });
  int rounds = 0;
  api_.on("GET /documents", [&](const ApiRequest& request) -> ApiResponse {
    if (request.target.find("status=FAILED") != std::string::npos)
      return {200, {}, R"({"documents":[{"id":"d7","error":"broken"},{"id":"of another","error":"x"}]})"};
    if (request.target.find("status=PENDING") != std::string::npos && ++rounds == 1)
      return {200, {}, R"({"documents":[{"id":"d1"},{"id":"d2"}]})"};
    return {200, {}, R"({"documents":[]})"};
  });
  api_.on("GET /documents/d1", 200, R"({"id":"d1","status":"INDEXED"})");
  api_.on("GET /documents/d2", 200, R"({"id":"d2","status":"INDEXED"})");
  EXPECT_EQ(run({"ingest", "--records", file.string(), "--json"}), kExitFailed);
  const json::value result = json::parse(out());
  EXPECT_EQ(result.at("indexed").as_int64(), 99);
  EXPECT_EQ(result.at("failed").as_int64(), 3);
  EXPECT_THAT(out(), AllOf(HasSubstr("r.jsonl:201: has no text"), HasSubstr("r.jsonl:202: is not JSON"),
                           HasSubstr("broken")));
  // Requests go side by side: the first record need not be asked first.
  std::vector<std::string> sources;
  for (const ApiRequest& asked : api_.asked())
    if (asked.method == "POST") sources.emplace_back(json::parse(asked.body).at("source").as_string());
  EXPECT_THAT(sources, testing::Contains(file.string() + "#0"));
}

TEST_F(CommandLineTest, IngestBusyServer_IsAskedAgain) {
  const fs::path file = write("a.txt", "alpha");
  int calls = 0;
  api_.on("POST /documents/upload", [&](const ApiRequest&) -> ApiResponse {
    if (++calls < 3) return {503, {{"Retry-After", "0"}}, R"({"error":{"message":"busy"}})"};
    return {200, {}, R"({"documents":[{"document":{"id":"1","status":"INDEXED"}}]})"};
  });
  EXPECT_EQ(run({"ingest", file.string()}), kExitOk);
  EXPECT_EQ(calls, 3);
}

TEST_F(CommandLineTest, IngestMissingFile_IsNamed) {
  EXPECT_EQ(run({"ingest", "/nowhere.pdf"}), kExitUsage);
  EXPECT_THAT(err(), HasSubstr("/nowhere.pdf does not exist"));
  EXPECT_TRUE(api_.asked().empty());
}

TEST_F(CommandLineTest, Chat_StreamsAndKeepsTheConversation) {
  io_.in.str("first\nsecond\n");
  api_.on("POST /chat/stream", 200,
          "event: start\ndata: {\"conversation_id\":\"c1\"}\n\nevent: token\ndata: {\"text\":\"Hel\"}\n\n"
          "event: token\ndata: {\"text\":\"lo\"}\n\nevent: done\ndata: {\"message\":\"Hello\"}\n\n");
  EXPECT_EQ(run({"chat"}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("Hello\n"));
  EXPECT_EQ(json::parse(api_.asked()[1].body), json::parse(R"({"message":"second","conversation_id":"c1"})"));
}

TEST_F(CommandLineTest, ChatThatBreaksOff_IsAnError) {
  io_.in.str("first\n");
  api_.on("POST /chat/stream", 200, "event: token\ndata: {\"text\":\"Hel\"}\n\n");
  EXPECT_EQ(run({"chat"}), kExitFailed);
  EXPECT_THAT(err(), HasSubstr("broke off"));
}

TEST_F(CommandLineTest, Doctor_ListsWhatItLookedAt) {
  api_.on(
      "GET /ready", 200,
      R"({"status":"degraded","dependencies":{"embedder":{"status":"degraded","reason":"not installed"}}})");
  EXPECT_EQ(run({"doctor"}), kExitOk);
  EXPECT_THAT(out(), AllOf(HasSubstr("data folder"), HasSubstr("disk space"), HasSubstr("warn  embedder"),
                           HasSubstr("not installed")));
  refuse_ = base::Error(base::ErrorKind::kPermissionDenied, "cannot be written");
  EXPECT_EQ(run({"doctor"}), kExitFailed);
}

TEST_F(CommandLineTest, Completion_KnowsTheCommands) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(run({"completion", shell}), kExitOk);
    EXPECT_THAT(
        out(),
        HasSubstr("serve ask generate ingest documents chat keys prices config doctor version completion"));
  }
  EXPECT_EQ(run({"completion", "tcsh"}), kExitUsage);
}

TEST_F(CommandLineTest, Prices_AreShownCheckedAndCompared) {
  EXPECT_EQ(run({"prices", "show", "nova-lite"}), kExitOk);
  EXPECT_THAT(out(), HasSubstr("input 0.06, output 0.24"));
  EXPECT_EQ(run({"prices", "check"}), kExitOk);
  EXPECT_EQ(run({"prices", "check", write("bad.toml", "format = 1\n\ncurency = \"USD\"\n").string()}),
            kExitUsage);
  EXPECT_THAT(err(), AllOf(HasSubstr("bad.toml:3: curency: unknown key; did you mean \"currency\"?"),
                           HasSubstr("currency: must be \"USD\"")));
  EXPECT_EQ(
      run({"prices", "diff", write("none.toml", "format = 1\ncurrency = \"USD\"\n").string(), "--json"}),
      kExitOk);
  EXPECT_GT(json::parse(out()).at("removed").as_array().size(), 100U);
}

TEST_F(CommandLineTest, KeysCreate_PrintsTheFourAndNothingElse) {
  api_.on(
      "POST /keys", 201,
      R"({"key_id":"k","name":"ci","roles":["user"],"api_key":"a","access_key_id":"i","secret_access_key":"s"})");
  EXPECT_EQ(run({"keys", "create", "--name", "ci", "--json"}), kExitOk);
  EXPECT_EQ(out(),
            "{\"key_id\":\"k\",\"api_key\":\"a\",\"access_key_id\":\"i\",\"secret_access_key\":\"s\"}\n");
  EXPECT_EQ(api_.asked().back().body, R"({"name":"ci"})");
  EXPECT_EQ(run({"keys", "create"}), kExitUsage);
}

}  // namespace
}  // namespace caprock::app
