#include "rag/wire/render.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"

namespace caprock::rag {
namespace {

using stores::DocumentId;

TEST(Render, Document_HasTheNamesOfTheContract) {
  stores::Document document{
      .id = DocumentId("0199"), .source = "a.pdf", .title = "A", .content_type = "application/pdf"};
  document.status = stores::DocumentStatus::kIndexed;
  document.metadata = {{"year", 2020.0},
                       {"tags", std::vector<stores::MetadataScalar>{std::string("x"), true}}};
  EXPECT_EQ(
      base::json_text(document_json(document)),
      R"({"id":"0199","title":"A","source":"a.pdf","collection":"default","content_type":"application/pdf",)"
      R"("status":"INDEXED","error":null,"version":0,"chunk_count":0,"token_count":0,"size_bytes":0,)"
      R"("content_sha256":"","created_at":"1970-01-01T00:00:00.000Z","updated_at":"1970-01-01T00:00:00.000Z",)"
      R"("indexed_at":null,"s3_key":"","metadata":{"tags":["x",true],"year":2020},)"
      R"("progress":{"bytes_parsed":0,"chunks_embedded":0,"chunks_total":0}})");
}

TEST(Render, Citation_NamesPassageQuoteAndPlace) {
  const Citation citation{.number = 1,
                          .answer_span = {0, 4},
                          .chunk = {DocumentId("d"), 2, 7},
                          .quote = "fuel",
                          .source_span = {10, 14},
                          .title = "Report",
                          .source = "r.pdf",
                          .page = 3,
                          .boxes = {{{10, 14}, 3, {1, 2, 3.5, 4}}}};
  EXPECT_EQ(
      base::json_text(citation_json(citation)),
      R"({"number":1,"answer_span":{"start":0,"end":4},"chunk_id":"d:2:7","document_id":"d","quote":"fuel",)"
      R"("span":{"start":10,"end":14},"title":"Report","source":"r.pdf","page":3,)"
      R"("boxes":[{"page":3,"start":10,"end":14,"x0":1,"y0":2,"x1":3.5,"y1":4}]})");
}

TEST(Render, Source_WithoutPageOrRank_IsNull) {
  Passage passage;
  passage.key = {DocumentId("d"), 1, 0};
  passage.score = 0.5;
  passage.chunk.content = "text";
  const auto source = source_json(passage);
  EXPECT_EQ(source.at("chunk_id"), "d:1:0");
  EXPECT_TRUE(source.at("page").is_null());
  EXPECT_TRUE(source.at("text_rank").is_null());
  EXPECT_EQ(source.at("metadata"), boost::json::object{});
}

}  // namespace
}  // namespace caprock::rag
