/* What the files of the batch reader share. Only for files named batch*.c. */
#ifndef INPUT_BATCH_PARTS_H
#define INPUT_BATCH_PARTS_H

#include "input/yaml.h"
#include "nightshift/batch.h"
#include "util/map.h"

#define BATCH_OUTPUT_DEFAULT "out/{video}-{voice}.mp4"
#define BATCH_NAME_MAX       128 /* code points */
#define BATCH_ID_MAX         200
#define BATCH_REFERENCE_MAX  512
#define BATCH_REPLY_URL_MAX  1024 /* service.md: replyUrl */
#define BATCH_PRIORITY_MAX   1000 /* either way */
#define BATCH_GLOBS_MAX      ((size_t)10000)

struct place {
  int32_t line, column;
};

struct voice {
  const char *name; /* as written */
  struct place place;
  const char *source_text;
};

/* The keys of an entry, those of `defaults` where it does not say. */
struct settings {
  const struct voice *voices;
  size_t voice_count;
  const char *output; /* with its placeholders */
  struct place output_place;
  bool output_own; /* written at the entry, not in the defaults */
  const char *id;  /* NULL: made from clip and voice */
  bool id_own;
  enum explore_mode explore;
  int32_t priority;
  const char *account;
  bool account_own;
  const char *reference;
  const char *reply_url;
  bool broken; /* a mistake was told that leaves no job to be made: no good voice, a bad asset */
};

/* A clip or an asset of an entry. */
struct source {
  const char *clip_path;   /* NULL: an asset */
  const char *clip_source; /* what it is known by */
  const char *fault;       /* why the file cannot be used; NULL: it is there */
  struct place place;
};

/* The same mistake many times in one entry: told once with a count. */
struct tally {
  size_t count;
  const char *text; /* of the first */
  struct place place;
};

struct reader {
  struct batch *batch;
  const struct batch_options *options;
  const struct yaml_document *document;
  struct arena *memory;  /* the batch's */
  struct arena *scratch; /* gone after reading */
  struct arena *work;    /* gone after each job */
  size_t job_room, jobs_max;
  struct map ids, outputs, pairs, clips; /* to the job's place in batch->jobs */
  struct settings defaults;
  struct source *sources; /* of the entry being read */
  size_t source_count, source_room;
  size_t glob_count;        /* of the whole batch */
  bool clips_plural;        /* a glob, or a list of more than one: then ids name the clip */
  struct place entry;       /* being read */
  struct place output_told; /* where the last mistake of an output was told: once is enough */
  struct tally ids_twice, outputs_twice, dropped_twice, kept_twice;
  int32_t kept_line; /* the line last copied by batch_keep_line, and the copy */
  const char *kept_text;
};

/* The keys of the file, of `defaults` and of an entry, for unknown keys and the reference page. */
extern const char *const batch_root_keys[3];
extern const char *const batch_job_keys[10]; /* the first two are not for defaults */

void batch_error(const struct reader *reader, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void batch_warning(const struct reader *reader, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct place place_of(const struct yaml_node *node);
/* The text of a line, kept with the batch. */
const char *batch_keep_line(struct reader *reader, int32_t line);

/* batch_settings.c: reads the job keys of `map` over what *settings has. */
void batch_read_settings(struct reader *reader, const struct yaml_node *map,
                         struct settings *settings);

/* batch_clips.c: the entry's `video` or `asset` into reader->sources. */
void batch_find_clips(struct reader *reader, const struct yaml_node *video);
void batch_add_source(struct reader *reader, struct source source);

/* batch_output.c */
/* Tells placeholders that are none, and places where no result may be whatever the values. */
bool batch_check_template(const struct reader *reader, const char *text, struct place place);
struct output_values {
  const char *id, *video, *voice;
  int64_t number;
};
/* The absolute, normalised path; NULL when a mistake was told (at `place`, once in a row). */
const char *batch_make_output(struct reader *reader, const char *template_text,
                              const struct output_values *values, struct place place);

/* batch_jobs.c: every source with every voice. */
void batch_add_jobs(struct reader *reader, const struct settings *settings);
/* After the last entry: outputs against clips. */
void batch_check_outputs(struct reader *reader);

#endif
