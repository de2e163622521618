/* The whole surface of libcaprock_embed.so, which holds OpenVINO and is loaded at first use: token ids in,
 * pooled vectors out. Plain C, so that no C++ type crosses between two libraries built apart. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* NOLINTBEGIN(readability-identifier-naming): the names of a C interface */
#ifdef __cplusplus
extern "C" {
#endif

#define CAPROCK_EMBED_ABI 4
#define CAPROCK_EMBED_ERROR_SIZE 512

/* A compiled model with one request of its own: for one thread at a time. */
typedef struct caprock_embed_session caprock_embed_session;

typedef struct {
  const char* model;     /* path of an IR (.xml, its .bin beside it) */
  const char* precision; /* in which it computes: "f32", "bf16" or "f16" */
  int32_t threads;       /* that one batch is spread over, ≥ 1 */
} caprock_embed_options;

/* CAPROCK_EMBED_ABI of the library; anything else than the caller's own must not be used. */
int32_t caprock_embed_abi(void);

/* NULL on failure, with the reason in error[CAPROCK_EMBED_ERROR_SIZE]. Any thread. */
caprock_embed_session* caprock_embed_open(const caprock_embed_options* options, char* error);

/* Numbers in one vector. */
size_t caprock_embed_dimension(const caprock_embed_session* session);

/* ids and mask (1 = token, 0 = padding) are [batch, length], out is [batch, dimension]: means over the
 * tokens, not normalised. 0 on success, else the reason in error[CAPROCK_EMBED_ERROR_SIZE]. */
int32_t caprock_embed_run(caprock_embed_session* session, const int32_t* ids, const int32_t* mask,
                          size_t batch, size_t length, float* out, char* error);

void caprock_embed_close(caprock_embed_session* session);

#ifdef __cplusplus
}
#endif
/* NOLINTEND(readability-identifier-naming) */
