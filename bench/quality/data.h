#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace caprock::bench {

/// A file or folder of the judged sets: under CAPROCK_TEST_DATA, else under ../shared/data. Throws with a
/// message when it is not there.
std::filesystem::path data_file(const std::string& name);

std::string read_whole(const std::filesystem::path& file);
/// As UTF-8, whatever the encoding of the file.
std::string read_text(const std::filesystem::path& file);
/// RFC 4180 with a header: a row is a map from column to value; lines without all columns are left out.
std::vector<std::map<std::string, std::string>> read_csv(const std::filesystem::path& file);
/// One JSON object a line.
std::vector<boost::json::object> read_json_lines(const std::filesystem::path& file);
/// The files of a folder and below it with this extension (".pdf"), sorted by name.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            const std::string& extension);
/// A field of an object of the sets, as text.
std::string field(const boost::json::value& object, const char* name);

}  // namespace caprock::bench
