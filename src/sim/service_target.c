/* What a request's target names: its path below the base, its query, which call it is. */
#include <string.h>

#include "sim/service.h"
#include "util/text.h"

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* False when an escape is none, or would be a NUL or no UTF-8. */
static bool decode(struct arena *arena, const char *text, size_t size, bool query,
                   const char **decoded) {
  char *out = arena_alloc(arena, size + 1);
  size_t length = 0;
  for (size_t i = 0; i < size; i++) {
    char c = text[i];
    if (c == '%') {
      int high = i + 1 < size ? hex_digit(text[i + 1]) : -1;
      int low = i + 2 < size ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
      c = (char)(high * 16 + low);
      i += 2;
    } else if (query && c == '+') {
      c = ' ';
    }
    out[length++] = c;
  }
  *decoded = out;
  return text_is_utf8(out, length);
}

static void parse_query(struct sim_exchange *exchange, const char *query) {
  struct arena *arena = &exchange->service->scratch;
  while (*query != '\0') {
    size_t size = strcspn(query, "&");
    const char *equals = memchr(query, '=', size);
    size_t name_size = equals == NULL ? size : (size_t)(equals - query);
    const char *value = equals == NULL ? query + size : equals + 1;
    if (size > 0) {
      if (exchange->param_count == SIM_PARAMS_MAX) {
        exchange->malformed = true;
        return;
      }
      struct sim_param *param = &exchange->params[exchange->param_count++];
      if (!decode(arena, query, name_size, true, &param->name) ||
          !decode(arena, value, (size_t)(query + size - value), true, &param->value)) {
        *param = (struct sim_param){"", ""};
        exchange->malformed = true;
      }
    }
    query += size;
    if (*query == '&') query++;
  }
}

const char *sim_param(const struct sim_exchange *exchange, const char *name) {
  for (size_t i = 0; i < exchange->param_count; i++)
    if (strcmp(exchange->params[i].name, name) == 0) return exchange->params[i].value;
  return NULL;
}

/* One line a call. A slash at the end of a path may be there or not; `names_one` has an id after
 * it. */
static const struct route {
  const char *method, *path;
  bool names_one;
  enum sim_call call;
} routes[] = {
    {"GET", "/accounts", false, SIM_ACCOUNTS},
    {"GET", "/features", false, SIM_FEATURES},
    {"GET", "/lipsync/voices", false, SIM_VOICES},
    {"POST", "/assets", false, SIM_UPLOAD},
    {"GET", "/assets", false, SIM_LIST_ASSETS},
    {"GET", "/assets", true, SIM_GET_ASSET},
    {"DELETE", "/assets", true, SIM_DELETE_ASSET},
    {"POST", "/gen4/act-two-voice", false, SIM_SUBMIT},
    {"GET", "/tasks", false, SIM_LIST_TASKS},
    {"GET", "/tasks", true, SIM_GET_TASK},
    {"DELETE", "/tasks", true, SIM_DELETE_TASK},
    {"GET", "/scheduler", false, SIM_SCHEDULER},
};

static bool route_matches(const struct route *route, const char *path, const char **id) {
  size_t length = strlen(route->path);
  if (strncmp(path, route->path, length) != 0) return false;
  const char *rest = path + length;
  if (!route->names_one) return *rest == '\0' || strcmp(rest, "/") == 0;
  if (*rest != '/' || rest[1] == '\0' || strchr(rest + 1, '/') != NULL) return false;
  *id = rest + 1;
  return true;
}

static void find_route(struct sim_exchange *exchange, const char *path) {
  for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
    const char *id = NULL;
    if (!route_matches(&routes[i], path, &id)) continue;
    if (strcmp(routes[i].method, exchange->request->method) == 0) {
      exchange->call = routes[i].call;
      exchange->id = id;
      exchange->wrong_method = false;
      return;
    }
    exchange->wrong_method = true;
  }
}

void sim_target_parse(struct sim_exchange *exchange) {
  static const char artifacts[] = "/artifacts/";
  const char *target = exchange->request->target;
  struct arena *arena = &exchange->service->scratch;
  exchange->call = SIM_NO_CALL;
  size_t path_size = strcspn(target, "?#");
  if (target[path_size] == '?') parse_query(exchange, target + path_size + 1);
  const char *path;
  if (!decode(arena, target, path_size, false, &path)) {
    exchange->malformed = true;
    return;
  }
  if (text_starts_with(path, SIM_BASE_PATH)) {
    exchange->path = path + strlen(SIM_BASE_PATH);
    find_route(exchange, exchange->path);
  } else if (text_starts_with(path, artifacts)) {
    exchange->path = path;
    exchange->wrong_method = strcmp(exchange->request->method, "GET") != 0;
    if (!exchange->wrong_method) exchange->call = SIM_ARTIFACT;
    exchange->id = path + strlen(artifacts);
  }
}
