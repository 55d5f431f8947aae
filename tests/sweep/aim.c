/* Counts calls and decides which one is struck. Allocates nothing: it stands below malloc. */
#include "aim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROWS_MAX  4000
#define ROW_BYTES 100

struct row {
  const char *what, *whereto;
  const void *wherefrom;
  unsigned count;
  bool matches;
};

static struct row rows[ROWS_MAX];
static unsigned row_count, effects, matched, struck, retried;
static char *table; /* mapped: outlives a kill */
static atomic_flag busy = ATOMIC_FLAG_INIT;
static pid_t our_pid;
static uintptr_t own_begin, own_end;

static unsigned kill_at, fail_at, fail_times;
static char kill_when[8], fail_what[16], fail_whereto[16], fail_wherefrom[80];
static int fail_error;

/* ---- reading the order ---- */

static const struct {
  const char *name;
  int number;
} errors[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT},
              {"EMFILE", EMFILE}, {"ENFILE", ENFILE}, {"EINTR", EINTR},
              {"ENOMEM", ENOMEM}, {"EAGAIN", EAGAIN}, {"ECONNRESET", ECONNRESET},
              {"ENOLCK", ENOLCK}, {"EACCES", EACCES}, {"ENETUNREACH", ENETUNREACH},
              {"EROFS", EROFS},   {"EPIPE", EPIPE},   {"ENOBUFS", ENOBUFS},
              {"EFBIG", EFBIG}};

static int error_number(const char *name) {
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
    if (strcmp(errors[i].name, name) == 0) return errors[i].number;
  return 0;
}

static void refuse(const char *what) {
  dprintf(STDERR_FILENO, "sweep: %s cannot be understood\n", what);
  _exit(125);
}

static void read_order(void) {
  char error[16], how[8];
  const char *text = getenv("SWEEP_KILL");
  if (text != NULL && sscanf(text, "%u %7s", &kill_at, kill_when) != 2) refuse("SWEEP_KILL");
  text = getenv("SWEEP_FAIL");
  if (text == NULL) return;
  if (sscanf(text, "%15s %15s %79s %u %15s %7s", fail_what, fail_whereto, fail_wherefrom, &fail_at,
             error, how) != 6)
    refuse("SWEEP_FAIL");
  fail_times = strcmp(how, "on") == 0 ? UINT_MAX : (unsigned)strtoul(how, NULL, 10);
  fail_error = error_number(error);
  if (fail_error == 0) refuse(error);
}

static int find_own(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  (void)context;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0) continue;
    own_begin = info->dlpi_addr + part->p_vaddr;
    own_end = own_begin + part->p_memsz;
  }
  return 1; /* the program comes first */
}

static void map_table(const char *path) {
  long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  size_t size = (size_t)(ROWS_MAX + 1) * ROW_BYTES;
  if (fd < 0 || syscall(SYS_ftruncate, fd, size) != 0) refuse("SWEEP_TABLE");
  table = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
  if (table == MAP_FAILED) refuse("SWEEP_TABLE");
  syscall(SYS_close, fd);
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("SWEEP_TABLE");
  if (path == NULL || strcmp(program_invocation_short_name, "nightshift") != 0) return;
  dl_iterate_phdr(find_own, NULL);
  read_order();
  map_table(path);
  our_pid = (pid_t)syscall(SYS_getpid);
}

bool aim_is_active(void) {
  return our_pid != 0 && our_pid == (pid_t)syscall(SYS_getpid);
}

bool aim_is_own(const void *address) {
  return (uintptr_t)address >= own_begin && (uintptr_t)address < own_end;
}

/* ---- counting ---- */

static bool fits(const char *pattern, const char *text) {
  return strcmp(pattern, "*") == 0 || strcmp(pattern, text) == 0;
}

static void name_place(const void *address, char *name, size_t size) {
  Dl_info info = {0};
  if (dladdr(address, &info) == 0 || info.dli_fname == NULL) {
    snprintf(name, size, "?");
    return;
  }
  const char *slash = strrchr(info.dli_fname, '/');
  const char *file = slash == NULL ? info.dli_fname : slash + 1;
  /* The address before the one to return to is inside the calling line. */
  snprintf(name, size, "%s+0x%lx", file,
           (unsigned long)((uintptr_t)address - (uintptr_t)info.dli_fbase) - 1);
}

static void print_row(unsigned at, const char *line) {
  memset(table + (size_t)at * ROW_BYTES, ' ', ROW_BYTES);
  memcpy(table + (size_t)at * ROW_BYTES, line, strlen(line));
  table[(size_t)(at + 1) * ROW_BYTES - 1] = '\n';
}

static void print_totals(void) {
  char line[ROW_BYTES];
  snprintf(line, sizeof line, "= %u effects %u struck %u retried", effects, struck, retried);
  print_row(0, line);
}

static struct row *row_of(const char *what, const char *whereto, const void *wherefrom) {
  char place[64], line[ROW_BYTES];
  struct row *row = rows;
  for (unsigned i = 0; i < row_count; i++, row++)
    if (row->wherefrom == wherefrom && row->what == what && row->whereto == whereto) break;
  if (row == rows + ROWS_MAX) return NULL;
  if (row == rows + row_count) {
    name_place(wherefrom, place, sizeof place);
    *row = (struct row){.what = what, .whereto = whereto, .wherefrom = wherefrom};
    row->matches =
        fits(fail_what, what) && fits(fail_whereto, whereto) && fits(fail_wherefrom, place);
    row_count++;
    snprintf(line, sizeof line, "%9u %-11s %-8s %s", 0U, what, whereto, place);
    print_row(row_count, line);
  }
  row->count++;
  char count[12];
  snprintf(count, sizeof count, "%9u", row->count);
  memcpy(table + (size_t)(row - rows + 1) * ROW_BYTES, count, 9);
  return row;
}

static void die(void) {
  syscall(SYS_kill, our_pid, SIGKILL);
  for (;;)
    syscall(SYS_pause);
}

static bool is_struck(const struct row *row) {
  if (fail_at == 0 || row == NULL || !row->matches) return false;
  matched++;
  return matched >= fail_at && matched - fail_at < fail_times;
}

static struct aimed decide(const char *what, const char *whereto, const void *wherefrom,
                           bool effect) {
  struct aimed aimed = {0};
  aimed.fails = is_struck(row_of(what, whereto, wherefrom));
  if (effect && ++effects == kill_at) {
    aimed.kills = true;
    aimed.by_half = strcmp(kill_when, "half") == 0;
  }
  if (aimed.fails || aimed.kills) struck++;
  print_totals();
  return aimed;
}

struct aimed aim_begin(const char *what, const char *whereto, const void *wherefrom, bool effect) {
  struct aimed aimed = {0};
  if (!aim_is_active()) return aimed;
  while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire))
    ;
  aimed = decide(what, whereto, wherefrom, effect);
  atomic_flag_clear_explicit(&busy, memory_order_release);
  if (aimed.kills && strcmp(kill_when, "before") == 0) die();
  if (aimed.fails) errno = fail_error;
  return aimed;
}

void aim_end(const struct aimed *aimed) {
  if (aimed->kills) die();
}

void aim_tell_retried(void) {
  if (!aim_is_active()) return;
  retried++;
  print_totals();
}
