#pragma once

#include <vector>

#include "rag/parse/pdf/page.h"

namespace caprock::rag::pdf {

/// Removes running headers, footers and page numbers: segments near the top or bottom edge of a page that
/// stand at the same height on several pages with the same text, or with a number that counts the pages.
void drop_running_lines(std::vector<Page>& pages);

}  // namespace caprock::rag::pdf
