#pragma once

#include <cstdint>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::rag::office {

/// How the numbers of a workbook are to be read: which styles show dates, times, or per cent. ECMA-376 part
/// 1, 18.8.30.
class CellFormats {
 public:
  CellFormats() = default;
  CellFormats(const pugi::xml_node& style_sheet, bool since_1904);
  /// A number as a person reads it: "45.5", "12 %", "2024-03-01", "2024-03-01 14:30", "14:30:05".
  std::string show(std::string_view number, std::size_t style) const;

 private:
  enum class Kind : std::uint8_t { kNumber, kPercent, kDate, kTime, kDateTime };
  static Kind kind_of(long format_id, std::string_view code);
  std::string show_date(double days, Kind kind) const;
  std::vector<Kind> kinds_;  ///< by style index of a cell
  bool since_1904_ = false;
};

}  // namespace caprock::rag::office
