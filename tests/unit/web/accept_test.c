/* Which form of metrics an Accept header asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/web.h"

static void those_who_ask_for_openmetrics_get_it(void **state) {
  static const char *const open[] = {
      "application/openmetrics-text", "application/openmetrics-text; version=1.0.0",
      "Application/OpenMetrics-Text;Version=1.0.0;q=0.2",
      /* Prometheus 2.42 and 2.50 */
      "application/openmetrics-text;version=1.0.0,application/"
      "openmetrics-text;version=0.0.1;q=0.75,"
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;"
      "q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      " text/html , application/openmetrics-text ; charset=utf-8 , text/plain"};
  (void)state;
  for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
    if (!web_accepts_openmetrics(open[i])) fail_msg("%s", open[i]);
}

static void all_others_get_the_text_form(void **state) {
  static const char *const text[] = {
      NULL,
      "",
      "*/*",
      "text/plain",
      "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      "application/openmetrics-text;version=2.0.0",
      "application/openmetrics-text;version=0.0.1",
      "application/openmetrics-text;q=0",
      "application/openmetrics-text;q=nonsense",
      "text/plain;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5",
      "application/openmetrics-texture",
      ",,;;,q=1"};
  (void)state;
  for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
    if (web_accepts_openmetrics(text[i])) fail_msg("%s", text[i] == NULL ? "none" : text[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(those_who_ask_for_openmetrics_get_it),
      cmocka_unit_test(all_others_get_the_text_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
