/* From what a clip's container is to the Content-Type that its upload declares. */
#ifndef MEDIA_CONTAINER_H
#define MEDIA_CONTAINER_H

/* `format` and `brand` as in an answer of nightshift/probe.h. The path's ending tells only what the
 * content leaves open: .webm from .mkv, and a QuickTime file too old to have a brand. NULL: none
 * that the service takes. Source: service.md, POST /assets. */
const char *container_content_type(const char *format, const char *brand, const char *path);

#endif
