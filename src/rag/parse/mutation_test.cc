#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "rag/parse/fuzz/check.h"
#include "rag/parse/parser.h"
#include "rag/parse/testing/make_files.h"

namespace caprock::rag {
namespace {

// Damages a document in a few places: changed, removed, doubled and inserted bytes, or an early end.
std::string mutate(std::string bytes, std::mt19937& random) {
  const auto pick = [&](std::size_t below) {
    return static_cast<std::size_t>(random()) % std::max<std::size_t>(below, 1);
  };
  for (std::size_t changes = 1 + pick(12); changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = pick(bytes.size());
    switch (pick(5)) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes.erase(at, pick(40));
        break;
      case 2:
        bytes.insert(at, bytes.substr(pick(bytes.size()), pick(60)));
        break;
      case 3:
        bytes.insert(at, std::string(pick(8), static_cast<char>(random())));
        break;
      default:
        if (pick(6) == 0)
          bytes.resize(at);
        else
          bytes[at] = "0123456789<>/()[]"[pick(17)];
    }
  }
  return bytes;
}

std::string good_pdf() {
  std::vector<std::vector<testing::PdfLine>> pages(2);
  for (auto& page : pages)
    for (int i = 0; i < 12; ++i)
      page.push_back(
          {72, 80.0 + 13 * i, 10, "Line " + std::to_string(i) + " of a page with several words in it"});
  return testing::make_pdf(pages);
}

void survive(const std::string& good, int times, unsigned seed) {
  std::mt19937 random(seed);
  int errors = 0;
  for (int i = 0; i < times; ++i) {
    const auto document =
        parse_document({.bytes = mutate(good, random)}, {.cpu_time = std::chrono::milliseconds(2000)});
    if (document)
      EXPECT_TRUE(holds_invariants(*document));
    else
      EXPECT_FALSE(document.error().message.empty());
    // A crash of the reader is an error with a reason, never "internal".
    if (!document) EXPECT_NE(document.error().kind, base::ErrorKind::kInternal) << document.error().detail;
    errors += !document;
  }
  EXPECT_GT(errors, 0);
}

TEST(ParseDocument_MutatedPdfs, NeverHarmTheParent) { survive(good_pdf(), 100, 20261); }

TEST(ParseDocument_MutatedOfficeFiles, NeverHarmTheParent) {
  survive(testing::make_docx(
              "<w:p><w:r><w:t>Some text of a document</w:t></w:r></w:p><w:tbl><w:tr><w:tc/></w:tr></w:tbl>"),
          60, 20262);
  survive(testing::make_xlsx(R"(<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.5</v></c></row>)",
                             {"Item"}),
          40, 20263);
}

}  // namespace
}  // namespace caprock::rag
