// Compiles every interface of the folder on its own, so that none depends on what its includer happens to
// include; and what an engine need not say.
#include "stores/blob_store.h"
#include "stores/chunk_store.h"
#include "stores/conversation_store.h"
#include "stores/document_store.h"
#include "stores/search_index.h"

namespace caprock::stores {

base::Awaitable<base::Result<bool>> VectorIndex::ready(const base::RequestContext& /*context*/,
                                                       CollectionKey /*collection*/,
                                                       std::string /*fingerprint*/) {
  co_return true;
}

}  // namespace caprock::stores
