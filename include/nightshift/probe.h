/* What nightshift and its helper program nightshift-probe say to each other.
 *
 * The helper's standard input and output are one stream socket. It greets with PROBE_GREETING as
 * soon as it has confined itself. For each clip it is sent PROBE_REQUEST together with one open
 * descriptor (SCM_RIGHTS) and answers one line. It never sees a path, so names of any bytes do, and
 * it needs to open no file. End of input: it exits with 0.
 *
 *   ok length_ms=3200 width=96 height=96 video=1 sound=1 format=mov,mp4 brand=isom
 *   no WORD [DETAIL]
 *
 * `format` is libavformat's name of the demuxer; `brand` the major brand of an MP4 file, "-" when
 * there is none. Both hold letters, digits, `,` and `_` only. A reader must not trust a line more
 * than the clip that it is about. */
#ifndef NIGHTSHIFT_PROBE_H
#define NIGHTSHIFT_PROBE_H

#define PROBE_PROGRAM    "nightshift-probe"
#define PROBE_GREETING   "nightshift-probe 1\n"
#define PROBE_REQUEST    "look\n"
#define PROBE_ANSWER_MAX 256 /* bytes of a line, its end included */
#define PROBE_MEMORY_MB  768 /* address space of the helper */

/* The words after "no". */
#define PROBE_NO_CONTAINER                                                                         \
  "container"                    /* none that the service takes; DETAIL: what it seems to be */
#define PROBE_NO_HEADER "header" /* of a known container, but its header cannot be read */
#define PROBE_NO_LENGTH "length" /* lasts nobody knows how long */
#define PROBE_CUT       "cut"    /* the file ends before its last frame */
#define PROBE_NO_MEMORY "memory" /* needs more than PROBE_MEMORY_MB */

#endif
