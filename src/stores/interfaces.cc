// Compiles every interface of the folder on its own, so that none depends on what its includer happens to
// include.
#include "stores/blob_store.h"
#include "stores/chunk_store.h"
#include "stores/conversation_store.h"
#include "stores/document_store.h"
#include "stores/search_index.h"
