/* `init DIR`: a commented batch and config from a folder of clips. Asks nobody, overwrites nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/init_text.h"
#include "cli/state_view.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/map.h"
#include "util/plain.h"
#include "util/text.h"

#define FILE_MOST ((size_t)256 * 1024)

/* Of the types that the service takes. Source: service.md, POST /assets. */
static const char *const taken[] = {"mp4", "m4v", "mov", "3gp",   "mkv",  "flv", "mpg", "mpeg",
                                    "ts",  "avi", "ogv", "mjpeg", "webm", "ogg", "mjpg"};

static const char *ending_of(const char *name) {
  const char *dot = strrchr(name, '.');
  if (name[0] == '.' || dot == NULL) return NULL;
  for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
    if (strcasecmp(dot + 1, taken[i]) == 0) return dot + 1;
  return NULL;
}

static void add_clip(struct init_clips *clips, const char *ending) {
  size_t at = 0;
  while (at < clips->ending_count && strcmp(clips->endings[at].text, ending) != 0)
    at++;
  if (at == INIT_ENDINGS_MOST) return;
  if (at == clips->ending_count) {
    snprintf(clips->endings[at].text, INIT_ENDING_SIZE, "%s", ending);
    clips->ending_count++;
  }
  clips->endings[at].count++;
  clips->count++;
}

static bool is_file(int directory, const char *name) {
  struct stat facts;
  return fstatat(directory, name, &facts, 0) == 0 && S_ISREG(facts.st_mode);
}

static int compare_endings(const void *a, const void *b) {
  return strcmp(((const struct init_ending *)a)->text, ((const struct init_ending *)b)->text);
}

/* ---- results, which are no clips although they look like them ---- */

struct results {
  struct map paths; /* of all that jobs of the state made or will make */
  char folder[PATH_MAX];
};

static void find_results(struct results *results, const struct invocation *invocation,
                         const char *folder) {
  struct state_view view;
  map_init(&results->paths);
  if (realpath(folder, results->folder) == NULL) results->folder[0] = '\0';
  if (state_view_load_if_any(&view, invocation) != EXIT_DONE) return; /* told; goes on without */
  for (size_t i = 0; i < view.snapshot.job_count; i++) {
    const struct job_record *job = &view.snapshot.jobs[i];
    if (job->result != NULL) map_set(&results->paths, job->result, 1);
    if (job->output != NULL) map_set(&results->paths, job->output, 1);
  }
  state_view_release(&view);
}

static bool is_result(const struct results *results, const char *name) {
  char path[PATH_MAX + 300];
  snprintf(path, sizeof path, "%s/%s", results->folder, name);
  return map_get(&results->paths, path, NULL);
}

/* ---- the folder ---- */

/* False: the folder cannot be read, errno says why. */
static bool find_clips(const char *path, const struct results *results, struct init_clips *clips) {
  DIR *directory = opendir(path);
  if (directory == NULL) return false;
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir(directory);
    if (entry == NULL) break;
    const char *ending = ending_of(entry->d_name);
    if (ending != NULL && is_file(dirfd(directory), entry->d_name) &&
        !is_result(results, entry->d_name))
      add_clip(clips, ending);
  }
  int error_number = errno;
  (void)closedir(directory); /* only read from */
  qsort(clips->endings, clips->ending_count, sizeof *clips->endings, compare_endings);
  errno = error_number;
  return error_number == 0;
}

/* ---- writing it ---- */

static bool write_whole(int fd, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes += written;
    size -= (size_t)written;
  }
  return fsync(fd) == 0 || errno == EINVAL; /* EINVAL: cannot be synced */
}

static int tell_no_file(const char *path) {
  if (errno == EEXIST) {
    complain("%s is there already and is left as it is; move it away first", path);
    return EXIT_USAGE;
  }
  complain("%s cannot be written: %s", path, strerror(errno));
  return EXIT_STUCK;
}

static int create(const char *path, mode_t mode, const struct buffer *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return tell_no_file(path);
  bool written = write_whole(fd, text->bytes, text->length);
  int error_number = errno;
  if (close(fd) != 0 && written) {
    written = false;
    error_number = errno;
  }
  if (written) return EXIT_DONE;
  (void)unlink(path); /* ours, and not whole */
  errno = error_number;
  return tell_no_file(path);
}

static bool is_there(const char *path) {
  struct stat facts;
  if (lstat(path, &facts) != 0) return false;
  errno = EEXIST;
  return true;
}

/* The schemas lie where the program is installed: bin/nightshift, share/nightshift. Empty: they do
 * not. */
static void find_schemas(char path[PATH_MAX]) {
  char own[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
  own[length > 0 ? length : 0] = '\0';
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(own, '/');
    if (slash != NULL) *slash = '\0';
  }
  int size = snprintf(path, PATH_MAX, "%s/share/nightshift", own);
  if (length <= 0 || size >= PATH_MAX || access(path, R_OK) != 0) path[0] = '\0';
}

static int create_both(const char *batch, const char *config, const struct init_clips *clips) {
  struct buffer text;
  char schemas[PATH_MAX];
  if (is_there(batch)) return tell_no_file(batch);
  if (is_there(config)) return tell_no_file(config);
  buffer_init(&text, FILE_MOST);
  find_schemas(schemas);
  init_write_batch(&text, clips, schemas);
  int status = create(batch, 0666, &text);
  buffer_clear(&text);
  init_write_config(&text, schemas);
  if (status == EXIT_DONE) {
    status = create(config, 0600, &text);         /* a token may come to stand in it */
    if (status != EXIT_DONE) (void)unlink(batch); /* made just now */
  }
  buffer_release(&text);
  return status;
}

/* ---- telling of it ---- */

/* As a shell reads it back. */
static void add_word(struct buffer *text, const char *word) {
  static const char harmless[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,";
  if (word[strspn(word, harmless)] == '\0') {
    buffer_text(text, word);
    return;
  }
  buffer_text(text, "'");
  for (; *word != '\0'; word++)
    buffer_printf(text, *word == '\'' ? "'\\''%.0s" : "%.1s", word);
  buffer_text(text, "'");
}

static void tell_next(const char *batch, const char *config, size_t count) {
  struct buffer words, shown;
  buffer_init(&words, FILE_MOST);
  buffer_init(&shown, FILE_MOST);
  add_word(&words, config);
  buffer_text(&words, " ");
  add_word(&words, batch);
  plain_text(&shown, buffer_string(&words));
  printf("Written for %zu %s: %s\n\nNext:\n"
         "  export USEAPI_TOKEN=user:NUMBER-SECRET\n"
         "  nightshift voices\n"
         "  (edit the line `# voice:` of the batch)\n"
         "  nightshift check -c %s\n",
         count, count == 1 ? "clip" : "clips", buffer_string(&shown), buffer_string(&shown));
  buffer_release(&words);
  buffer_release(&shown);
}

static int run_init(const struct invocation *invocation) {
  const char *folder = invocation->options.args[0];
  char batch[PATH_MAX], config[PATH_MAX];
  struct init_clips clips = {.count = 0};
  const char *slash = text_ends_with(folder, "/") ? "" : "/";
  int length = snprintf(config, sizeof config, "%s%snightshift.yaml", folder, slash);
  if (length < 0 || (size_t)length >= sizeof config) {
    complain("the folder's name is too long");
    return EXIT_USAGE;
  }
  snprintf(batch, sizeof batch, "%s%sbatch.yaml", folder, slash);
  struct results results;
  find_results(&results, invocation, folder);
  bool read = find_clips(folder, &results, &clips);
  map_release(&results.paths);
  if (!read) {
    complain("%s cannot be read: %s", folder, strerror(errno));
    return errno == ENOENT || errno == ENOTDIR ? EXIT_NOTHING_SUCH : EXIT_STUCK;
  }
  if (clips.count == 0) {
    complain("%s has no clips (mp4, mov, mkv, webm, …) but results, if any; name the folder that "
             "clips lie "
             "in",
             folder);
    return EXIT_NOTHING_SUCH;
  }
  int status = create_both(batch, config, &clips);
  if (status == EXIT_DONE) tell_next(batch, config, clips.count);
  return finish_stdout(status);
}

const struct command command_init = {
    .name = "init",
    .args = "DIR",
    .summary = "a commented batch and config from a folder of clips",
    .examples = "  nightshift init clips\n",
    .help = "Writes DIR/batch.yaml and DIR/nightshift.yaml and says what to do next. Nothing is\n"
            "overwritten and nobody is asked. Exit status 1 when no clips lie in DIR.\n",
    .args_least = 1,
    .args_most = 1,
    .run = run_init,
};
