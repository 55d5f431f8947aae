/* Which addresses downloads may reach, and which URLs are on this machine. */
#include "http/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nightshift/http.h"

static struct sockaddr_storage address_of(const char *text) {
  struct sockaddr_storage storage = {0};
  struct sockaddr_in *ipv4 = (struct sockaddr_in *)&storage;
  struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&storage;
  if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    assert_int_equal(inet_pton(AF_INET6, text, &ipv6->sin6_addr), 1);
    storage.ss_family = AF_INET6;
  }
  return storage;
}

static bool is_public(const char *text) {
  struct sockaddr_storage address = address_of(text);
  return address_is_public((struct sockaddr *)&address);
}

static bool is_loopback(const char *text) {
  struct sockaddr_storage address = address_of(text);
  return address_is_loopback((struct sockaddr *)&address);
}

static void addresses_of_the_world_are_public(void **state) {
  (void)state;
  static const char *const texts[] = {
      "8.8.8.8",         "1.1.1.1",         "9.255.255.255",    "11.0.0.0",       "100.63.255.255",
      "100.128.0.0",     "126.255.255.255", "128.0.0.0",        "169.253.0.1",    "172.15.255.255",
      "172.32.0.0",      "192.167.255.255", "192.169.0.0",      "198.17.255.255", "223.255.255.255",
      "2606:4700::1111", "2a00:1450::1",    "64:ff9b::808:808", "2002:808:808::1"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (!is_public(texts[i])) fail_msg("%s should be public", texts[i]);
}

static void addresses_of_private_networks_are_not(void **state) {
  (void)state;
  static const char *const texts[] = {"0.0.0.0",
                                      "10.0.0.1",
                                      "100.64.0.1",
                                      "100.127.255.255",
                                      "127.0.0.1",
                                      "127.255.255.255",
                                      "169.254.169.254",
                                      "172.16.0.1",
                                      "172.31.255.255",
                                      "192.0.0.1",
                                      "192.0.2.1",
                                      "192.168.1.1",
                                      "198.18.0.1",
                                      "198.19.255.255",
                                      "198.51.100.1",
                                      "203.0.113.1",
                                      "224.0.0.1",
                                      "239.255.255.255",
                                      "240.0.0.1",
                                      "255.255.255.255",
                                      "::",
                                      "::1",
                                      "::ffff:127.0.0.1",
                                      "::ffff:8.8.8.8",
                                      "::7f00:1",
                                      "64:ff9b::7f00:1",
                                      "64:ff9b::a00:1",
                                      "64:ff9b:1::808:808",
                                      "2002:7f00:1::1",
                                      "2002:c0a8:101::1",
                                      "2001:0:1::1",
                                      "2001:db8::1",
                                      "fc00::1",
                                      "fd12:3456::1",
                                      "fe80::1",
                                      "fec0::1",
                                      "ff02::1",
                                      "100::1"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (is_public(texts[i])) fail_msg("%s should not be public", texts[i]);
}

static void other_families_are_not_public(void **state) {
  (void)state;
  struct sockaddr address = {.sa_family = AF_UNIX};
  assert_false(address_is_public(&address));
  assert_false(address_is_loopback(&address));
}

static void loopback_is_127_and_1(void **state) {
  (void)state;
  assert_true(is_loopback("127.0.0.1"));
  assert_true(is_loopback("127.1.2.3"));
  assert_true(is_loopback("::1"));
  assert_false(is_loopback("128.0.0.1"));
  assert_false(is_loopback("::2"));
  assert_true(address_text_is_loopback("127.0.0.1"));
  assert_true(address_text_is_loopback("::1"));
  assert_false(address_text_is_loopback("10.0.0.1"));
  assert_false(address_text_is_loopback("localhost"));
}

static void an_api_on_this_machine_is_known_by_its_host(void **state) {
  (void)state;
  static const char *const here[] = {"http://127.0.0.1:8080/v1", "http://localhost/v1",
                                     "https://LOCALHOST:1/v1",   "http://[::1]:8080",
                                     "http://127.1/v1",          "http://2130706433/"};
  static const char *const elsewhere[] = {"https://api.useapi.net/v1/runwayml",
                                          "http://127.0.0.1.example.com/",
                                          "http://10.0.0.1/",
                                          "http://localhost.example.com/",
                                          "http://user@127.0.0.1/",
                                          "ftp://127.0.0.1/",
                                          "127.0.0.1",
                                          "",
                                          "http://[::2]/"};
  for (size_t i = 0; i < sizeof here / sizeof here[0]; i++)
    if (!http_api_is_loopback(here[i])) fail_msg("%s is here", here[i]);
  for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
    if (http_api_is_loopback(elsewhere[i])) fail_msg("%s is elsewhere", elsewhere[i]);
  assert_false(http_api_is_loopback(NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(addresses_of_the_world_are_public),
      cmocka_unit_test(addresses_of_private_networks_are_not),
      cmocka_unit_test(other_families_are_not_public),
      cmocka_unit_test(loopback_is_127_and_1),
      cmocka_unit_test(an_api_on_this_machine_is_known_by_its_host),
  };
  return cmocka_run_group_tests_name("http/address", tests, NULL, NULL);
}
