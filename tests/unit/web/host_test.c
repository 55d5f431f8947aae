/* The Host header: addresses, localhost and the public name may stand there, names of others not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/web.h"

static void the_host_of_a_url_is_known(void **state) {
  (void)state;
  static const struct {
    const char *url, *host;
  } cases[] = {{"https://Me.Example/x", "me.example"},
               {"https://me.example:8443", "me.example"},
               {"http://[::1]:80/x", "::1"},
               {"http://127.0.0.1?x", "127.0.0.1"},
               {"", ""},
               {"nonsense", ""},
               {"http://", ""},
               {"http://[::1", ""}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char host[64];
    web_host_of(cases[i].url, host, sizeof host);
    assert_string_equal(host, cases[i].host);
  }
}

static void a_host_too_long_for_its_place_is_none(void **state) {
  (void)state;
  char host[8];
  web_host_of("https://seven77/x", host, sizeof host);
  assert_string_equal(host, "seven77");
  web_host_of("https://eight888/x", host, sizeof host);
  assert_string_equal(host, "");
}

static void addresses_and_our_names_may_stand_there(void **state) {
  (void)state;
  static const struct {
    const char *header;
    enum host_kind kind;
  } cases[] = {{"127.0.0.1:9090", HOST_LOOPBACK}, {"127.0.0.1", HOST_LOOPBACK},
               {"127.9.9.9:1", HOST_LOOPBACK},    {"[::1]:9090", HOST_LOOPBACK},
               {"localhost:9090", HOST_LOOPBACK}, {"LOCALHOST", HOST_LOOPBACK},
               {"192.0.2.7:80", HOST_OURS},       {"[fe80::1]", HOST_OURS},
               {"me.example", HOST_PUBLIC},       {"Me.Example:443", HOST_PUBLIC}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    if (web_host_kind(cases[i].header, "me.example", "") != cases[i].kind)
      fail_msg("%s", cases[i].header);
}

static void a_public_address_is_for_callbacks_and_loopback_for_all(void **state) {
  (void)state;
  assert_int_equal(web_host_kind("192.0.2.7:80", "192.0.2.7", ""), HOST_PUBLIC);
  assert_int_equal(web_host_kind("127.0.0.1:80", "127.0.0.1", ""), HOST_LOOPBACK);
}

static void the_page_may_have_a_name_of_its_own(void **state) {
  (void)state;
  assert_int_equal(web_host_kind("watch.example", "me.example", "watch.example"), HOST_OURS);
  assert_int_equal(web_host_kind("me.example", "me.example", "watch.example"), HOST_PUBLIC);
  assert_int_equal(web_host_kind("me.example:1", "me.example", "me.example"), HOST_OURS);
}

static void names_of_others_may_not(void **state) {
  (void)state;
  static const char *const theirs[] = {
      "evil.example", "me.example.evil.example", "localhost.evil.example", "", ":9090",
      "[::1",         "127.0.0.1.evil.example",  "me.example@evil.example"};
  for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++)
    if (web_host_kind(theirs[i], "me.example", "") != HOST_OF_OTHERS) fail_msg("%s", theirs[i]);
  assert_int_equal(web_host_kind(NULL, "me.example", ""), HOST_OF_OTHERS);
  assert_int_equal(web_host_kind("me.example", "", ""), HOST_OF_OTHERS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_host_of_a_url_is_known),
      cmocka_unit_test(a_host_too_long_for_its_place_is_none),
      cmocka_unit_test(addresses_and_our_names_may_stand_there),
      cmocka_unit_test(a_public_address_is_for_callbacks_and_loopback_for_all),
      cmocka_unit_test(the_page_may_have_a_name_of_its_own),
      cmocka_unit_test(names_of_others_may_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
