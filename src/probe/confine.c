/* Limits that the helper puts on itself before it touches a clip. Whoever takes it over through a
 * damaged clip finds no descriptor to spare, no environment and no child process to start. */
#include "probe/confine.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "nightshift/probe.h"

#define CPU_SECONDS_PER_CLIP 10
/* Input, output, errors and the clip: while a clip is open, no demuxer can open anything else. */
#define OPEN_FILES 4

#if defined(__SANITIZE_ADDRESS__)
/* The sanitizer reserves terabytes, reads /proc and attaches to the process at its end. */
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

static bool limit(__rlimit_resource_t resource, rlim_t most) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) return false;
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most) most = now.rlim_max;
  now = (struct rlimit){.rlim_cur = most, .rlim_max = most};
  return setrlimit(resource, &now) == 0;
}

bool confine_process(void) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return false;
  if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, 0)) return false;
  if (sanitized) return limit(RLIMIT_NOFILE, 64);
  return prctl(PR_SET_DUMPABLE, 0) == 0 && limit(RLIMIT_NPROC, 0) &&
         limit(RLIMIT_NOFILE, OPEN_FILES) &&
         limit(RLIMIT_AS, (rlim_t)PROBE_MEMORY_MB * 1024 * 1024);
}

bool confine_next_clip(void) {
  struct rusage used;
  struct rlimit cpu;
  if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &cpu) != 0) return false;
  rlim_t seconds = (rlim_t)used.ru_utime.tv_sec + (rlim_t)used.ru_stime.tv_sec;
  rlim_t wanted = seconds + 1 + CPU_SECONDS_PER_CLIP;
  cpu.rlim_cur = cpu.rlim_max != RLIM_INFINITY && cpu.rlim_max < wanted ? cpu.rlim_max : wanted;
  return setrlimit(RLIMIT_CPU, &cpu) == 0;
}
