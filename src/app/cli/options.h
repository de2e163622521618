#pragma once

#include <limits>
#include <string>
#include <vector>

namespace caprock::app {

// What each command was told, as parsed.

struct GlobalOptions {
  std::string config;            ///< --config, or CAPROCK_CONFIG
  std::string data;              ///< --data, or CAPROCK_DATA
  std::string url;               ///< --url, or CAPROCK_URL
  std::vector<std::string> set;  ///< --set section.key=value
  std::string listen;            ///< --listen of serve
  bool json = false;
};

struct AskOptions {
  std::vector<std::string> question;  ///< words; "-" reads standard input
  std::string collection;
  int top_k = 0;  ///< 0: the server's default
  std::string filter;
  std::string model;
  bool retrieval_only = false;
};

struct GenerateOptions {
  std::vector<std::string> prompt;  ///< words; "-" reads standard input
  std::string model;
  std::string context;                                            ///< a file
  int max_tokens = 0;                                             ///< 0: the model's own limit
  double temperature = std::numeric_limits<double>::quiet_NaN();  ///< not a number: the model's own
};

struct IngestOptions {
  std::vector<std::string> inputs;
  std::string collection;
  std::vector<std::string> metadata;  ///< name=value
  bool records = false;
  bool no_wait = false;
  int jobs = 32;
};

struct DocumentsOptions {
  std::vector<std::string> ids;
  std::string status;
  std::string collection;
  int limit = 0;  ///< 0: all
  bool text = false;
};

struct KeysOptions {
  std::vector<std::string> ids;
  std::string name;
  bool admin = false;
};

struct PricesOptions {
  std::string file;
  std::string model;  ///< a part of the models' names to show; empty: all
};

struct ChatOptions {
  std::string conversation;
  std::string collection;
  std::string model;
};

}  // namespace caprock::app
