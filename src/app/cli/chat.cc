#include <boost/json/object.hpp>
#include <istream>
#include <ostream>

#include "app/cli/api_error.h"
#include "app/cli/commands.h"
#include "app/cli/print_answer.h"
#include "base/json/json_text.h"

namespace caprock::app {
namespace {

namespace json = boost::json;
using base::Result;

/// One conversation at a terminal.
class Chat {
 public:
  Chat(ApiClient& client, const Terminal& terminal, const ChatOptions& options, bool as_json)
      : client_(client),
        terminal_(terminal),
        options_(options),
        json_(as_json),
        conversation_(options.conversation) {}

  int turn(const std::string& message) {
    citations_.clear();
    ended_ = failed_ = false;
    const Result<ApiResponse> response =
        client_.stream({.method = "POST",
                        .target = "/chat/stream",
                        .headers = {{"content-type", "application/json"}, {"accept", "text/event-stream"}},
                        .body = body(message)},
                       [this](const net::SseEvent& event) { return take(event); });
    if (!response) return report(terminal_, response.error());
    if (!response->ok()) return report(terminal_, *response);
    if (failed_) return kExitFailed;
    if (!ended_) return report(terminal_, base::Error(base::ErrorKind::kUpstream, "the answer broke off"));
    return kExitOk;
  }

 private:
  std::string body(const std::string& message) const {
    json::object fields{{"message", message}};
    if (!conversation_.empty()) fields["conversation_id"] = conversation_;
    if (!options_.collection.empty()) fields["collection"] = options_.collection;
    if (!options_.model.empty()) fields["model"] = options_.model;
    return base::json_text(fields);
  }

  bool take(const net::SseEvent& event) {
    const Result<json::value> data = base::parse_json(event.data);
    const json::value value = data ? *data : json::value();
    if (const std::string id = text_at(value, "conversation_id"); !id.empty()) conversation_ = id;
    if (json_) terminal_.out << base::json_text(json::object{{"event", event.type}, {"data", value}}) << '\n';
    if (event.type == "token")
      write(text_at(value, "text"));
    else if (event.type == "citation")
      citations_.push_back(value);
    else if (event.type == "done")
      finish(value);
    else if (event.type == "error")
      fail(value);
    return true;
  }

  void write(const std::string& text) {
    if (!json_) terminal_.out << printable(text) << std::flush;
    wrote_ = true;
  }

  void finish(const json::value& reply) {
    ended_ = true;
    if (json_) return;
    if (!std::exchange(wrote_, false)) terminal_.out << printable(text_at(reply, "message"));
    const json::array& final_citations = array_at(reply, "citations");
    terminal_.out << '\n' << citations_text(final_citations.empty() ? citations_ : final_citations) << '\n';
  }

  void fail(const json::value& value) {
    ended_ = failed_ = true;
    const std::string message = text_at(value_at(value, "error"), "message");
    terminal_.err << "\ncaprock: " << (message.empty() ? "the answer broke off" : printable(message)) << '\n';
  }

  ApiClient& client_;
  const Terminal& terminal_;
  const ChatOptions& options_;
  bool json_;
  std::string conversation_;
  json::array citations_;
  bool wrote_ = false;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace

int run_chat(ApiClient& client, const Terminal& terminal, const ChatOptions& options, bool as_json) {
  const bool prompting = terminal.in_is_terminal && !as_json;
  if (prompting) terminal.err << "Questions to " << client.where() << "; an empty line or Ctrl-D ends.\n";
  Chat chat(client, terminal, options, as_json);
  int code = kExitOk;
  std::string line;
  while (true) {
    if (prompting) terminal.err << "> " << std::flush;
    if (!std::getline(terminal.in, line) || (line.empty() && prompting)) break;
    if (line.empty()) continue;
    code = chat.turn(line);
    // At a terminal a person reads the message and goes on; a script stops.
    if (code != kExitOk && !prompting) return code;
  }
  if (prompting) terminal.err << '\n';
  return prompting ? kExitOk : code;
}

}  // namespace caprock::app
