#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caprock::providers {

/// A table as Unigram::make reads it, for tests: the four marks, then `pieces` from id 4.
inline std::string unigram_table(const std::vector<std::pair<std::string, float>>& pieces,
                                 const std::vector<std::pair<char32_t, std::u32string>>& map) {
  std::vector<std::pair<std::string, float>> all{{"<s>", 0.F}, {"<pad>", 0.F}, {"</s>", 0.F}, {"<unk>", 0.F}};
  all.insert(all.end(), pieces.begin(), pieces.end());
  std::string out = "CUNI";
  const auto put = [](std::string& to, auto value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  std::string text;
  std::string offsets;
  std::string scores;
  put(offsets, std::uint32_t{0});
  for (const auto& [piece, score] : all) {
    text += piece;
    put(offsets, static_cast<std::uint32_t>(text.size()));
    put(scores, score);
  }
  put(out, static_cast<std::uint32_t>(all.size()));
  for (const std::int32_t mark : {0, 2, 1, 3}) put(out, mark);
  put(out, static_cast<std::uint64_t>(text.size()));
  out += offsets + scores + text;
  std::string entries;
  for (const auto& [from, to] : map) {
    put(entries, static_cast<std::uint32_t>(from));
    put(entries, static_cast<std::uint8_t>(to.size()));
    for (const char32_t c : to) put(entries, static_cast<std::uint32_t>(c));
  }
  put(out, static_cast<std::uint32_t>(map.size()));
  put(out, static_cast<std::uint32_t>(entries.size()));
  return out + entries;
}

/// Any unigram.bin that a build of this tree has made, or empty.
inline std::string built_unigram_table() {
  std::error_code error;
  for (const auto& folder : std::filesystem::directory_iterator(".deps/models-ir", error))
    if (std::filesystem::exists(folder.path() / "unigram.bin"))
      return (folder.path() / "unigram.bin").string();
  return {};
}

}  // namespace caprock::providers
