/* In place of the other files of web where the build has no libmicrohttpd (WEB=OFF): says so. */
#include "nightshift/web.h"

bool web_is_there(void) {
  return false;
}

bool web_listen_is_well(const char *listen) {
  (void)listen;
  return true; /* nothing will listen */
}

int web_start(struct web **web, struct uv_loop_s *loop, const struct web_options *options,
              struct error *error) {
  (void)web;
  (void)loop;
  (void)options;
  return error_set(
      error, ERR_USAGE,
      "this nightshift was built without serving HTTP: leave out `listen`, or build it "
      "with WEB=ON");
}

const char *web_address(const struct web *web) {
  (void)web;
  return "";
}

struct web_figures web_figures(const struct web *web) {
  (void)web;
  return (struct web_figures){0};
}

void web_news(struct web *web) {
  (void)web;
}

void web_flush(struct web *web) {
  (void)web;
}

size_t web_watchers(const struct web *web) {
  (void)web;
  return 0;
}

void web_answer(struct web *web, web_ticket ticket, unsigned status, const char *json,
                size_t size) {
  (void)web;
  (void)ticket;
  (void)status;
  (void)json;
  (void)size;
}

void web_stop(struct web *web) {
  (void)web;
}
