/* The page of recorded results, docs/benchmarks.md: rows of tables, known by their first cells. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/scheduler.h"
#include "util/text.h"

#define LINES_MOST 1000

struct record_page {
  struct arena arena;
  const char *lines[LINES_MOST];
  size_t count;
};

struct record_page *page_open(const char *path) {
  FILE *file = fopen(path, "r");
  char line[2000];
  if (file == NULL) return NULL;
  struct record_page *page = calloc(1, sizeof *page);
  if (page != NULL) {
    arena_init(&page->arena);
    while (page->count < LINES_MOST && fgets(line, sizeof line, file) != NULL) {
      line[strcspn(line, "\n")] = '\0';
      page->lines[page->count++] = arena_string(&page->arena, line);
    }
  }
  (void)fclose(file);
  return page;
}

void page_free(struct record_page *page) {
  if (page == NULL) return;
  arena_release(&page->arena);
  free(page);
}

static size_t find(const struct record_page *page, const char *key) {
  size_t at = 0;
  while (at < page->count && !text_starts_with(page->lines[at], key))
    at++;
  return at;
}

const char *page_row(const struct record_page *page, const char *key) {
  size_t at = find(page, key);
  return at < page->count ? page->lines[at] : NULL;
}

bool page_replace(struct record_page *page, const char *key, const char *row) {
  size_t at = find(page, key);
  if (at == page->count) return false;
  page->lines[at] = arena_string(&page->arena, row);
  return true;
}

bool page_save(const struct record_page *page, const char *path) {
  FILE *file = fopen(path, "w");
  if (file == NULL) return false;
  for (size_t i = 0; i < page->count; i++)
    fprintf(file, "%s\n", page->lines[i]);
  bool well = ferror(file) == 0;
  return fclose(file) == 0 && well;
}
