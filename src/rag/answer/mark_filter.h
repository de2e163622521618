#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stores/types.h"

namespace caprock::rag {

/// Turns the refs of a model's answer ("… [2].") into citation numbers while the answer streams: the k-th
/// mark of a ref becomes its k-th citation; a mark whose ref has no checked citation disappears with the
/// space before it. Citations that the model never marked are marked at the end. Pure.
class MarkFilter {
 public:
  /// Ref → numbers of its citations. Marks that came before this call are gone; their citations end up at the
  /// end.
  void assign(std::map<std::uint32_t, std::vector<std::uint32_t>> numbers) { numbers_ = std::move(numbers); }
  /// The text that can be shown now.
  std::string push(std::string_view piece);
  /// The rest.
  std::string finish();

  /// Everything given out so far.
  const std::string& text() const { return text_; }
  /// Citation number → what it supports, in code points of `text()`.
  const std::map<std::uint32_t, stores::TextSpan>& spans() const { return spans_; }

 private:
  void step(char c, std::string& out);
  void mark_statement(const std::vector<std::uint32_t>& numbers);
  std::vector<std::uint32_t> take(const std::vector<std::uint32_t>& refs);
  void give(std::string_view bytes, std::string& out);

  std::map<std::uint32_t, std::vector<std::uint32_t>> numbers_;
  std::map<std::uint32_t, std::size_t> used_;  // marks seen of a ref
  std::map<std::uint32_t, stores::TextSpan> spans_;
  std::string held_;  // white space and the beginning of what may be a mark
  std::string text_;
  std::size_t statement_ = 0;  // byte of text_ behind the last mark
};

}  // namespace caprock::rag
