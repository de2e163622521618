#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/inputs.h"
#include "app/cli/options.h"

namespace caprock::app {

/// One document to hand in: an input, or one line of a file of records.
struct Job {
  Input input;
  std::string line;        ///< of a file of records
  std::size_t number = 0;  ///< of the line, from 1; 0 for a whole file or URL
};

/// Gives out jobs one by one and holds one line of records at a time. Thread safe.
class JobFeed {
 public:
  JobFeed(std::vector<Input> inputs, bool records) : inputs_(std::move(inputs)), records_(records) {}
  std::optional<Job> next();
  /// How many jobs there are in all; reads files of records once to count their lines.
  std::uint64_t count() const;

 private:
  std::optional<Job> next_line();

  std::mutex mutex_;
  std::vector<Input> inputs_;
  bool records_;
  std::size_t at_ = 0;
  std::ifstream open_;
  std::size_t line_ = 0;
};

/// `name=value` texts as an object: true, false and numbers are read as such. kInvalidArgument without a
/// name.
base::Result<boost::json::object> read_metadata_options(const std::vector<std::string>& pairs);

/// The request that hands the job in. kInvalidArgument names the file or line that cannot be read.
base::Result<ApiRequest> request_of(const Job& job, const std::string& collection,
                                    const boost::json::object& metadata);

/// A multipart/form-data body (RFC 7578) of texts and one file.
struct FormField {
  std::string name;
  std::string value;
};
ApiRequest upload_request(const std::vector<FormField>& fields, const std::string& file_name,
                          const std::string& bytes);

}  // namespace caprock::app
