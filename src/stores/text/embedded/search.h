#pragma once

#include <vector>

#include "stores/search_index.h"
#include "stores/text/embedded/collection.h"

namespace caprock::stores::text {

/// The best passages of a collection for a question. Takes its time on the calling thread; thread safe.
std::vector<IndexHit> search_collection(const Collection& collection, const TextQuery& query);

}  // namespace caprock::stores::text
