/* The page's files, out of the program itself. A browser keeps them and asks whether they are still
 * the same. */
#include <string.h>

#include "web/web.h"

#define KEEP_AND_ASK "no-cache"

static const struct web_file *find(const char *path) {
  for (size_t i = 0; i < web_file_count; i++)
    if (strcmp(web_files[i].path, path) == 0) return &web_files[i];
  return NULL;
}

enum MHD_Result web_answer_file(struct visit *visit) {
  const struct web_file *file = find(visit->route->path);
  const char *known = web_header(visit->connection, "If-None-Match");
  if (file == NULL) return web_say(visit->connection, MHD_HTTP_NOT_FOUND, "nothing here\n");
  bool is_known = known != NULL && strstr(known, file->tag) != NULL;
  struct MHD_Response *response =
      MHD_create_response_from_buffer(is_known ? 0 : file->size, (void *)(uintptr_t)file->bytes,
                                      MHD_RESPMEM_PERSISTENT); /* only read */
  if (response != NULL && MHD_add_response_header(response, "ETag", file->tag) != MHD_YES) {
    MHD_destroy_response(response);
    return MHD_NO;
  }
  return web_send(visit->connection, is_known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, file->type,
                  KEEP_AND_ASK, response);
}
