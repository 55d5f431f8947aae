/* A link of the service's leads a download nowhere but out into the world: not by an address in any
 * form, not by a name that resolves to one, not by a redirect, not by an answer that changes.
 *
 * libcurl resolves and connects as it always does; this program's getaddrinfo and connect stand
 * before the system's, give names of .example their addresses, write down where connections go, and
 * lead those to our one public address to a TLS server here. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/http_fixture.h"
#include "support/tls_server.h"
#include "util/text.h"

#define PUBLIC "93.184.215.14"

static struct tls_authority *authority;
static struct tls_server *server;
static char trusted[] = "/tmp/nightshift-ca-XXXXXX";
static const char *location; /* of the next reply: a redirect; NULL: a result */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* libcurl resolves in threads */
static char connected[1024];                             /* where to, a space behind each */
static int rebinds;

/* ---- before the system's ---- */

struct name {
  const char *name, *addresses; /* a space between; "flip": public first, then not */
};
static const struct name names[] = {
    {"public.example", PUBLIC},
    {"loopback.example", "127.0.0.1"},
    {"loopback6.example", "::1"},
    {"private.example", "10.1.2.3"},
    {"private172.example", "172.31.255.254"},
    {"private192.example", "192.168.0.1"},
    {"metadata.example", "169.254.169.254"},
    {"shared.example", "100.64.0.1"},
    {"zero.example", "0.0.0.0"},
    {"mapped.example", "::ffff:10.0.0.1"},
    {"compatible.example", "::127.0.0.1"},
    {"nat64.example", "64:ff9b::a9fe:a9fe"},
    {"sixtofour.example", "2002:c0a8:101::1"},
    {"teredo.example", "2001:0:53aa:64c::1"},
    {"local6.example", "fe80::1"},
    {"unique.example", "fd00::1"},
    {"both.example", "10.0.0.1 127.0.0.1 fd00::1"},
    {"mixed.example", "10.0.0.1 " PUBLIC},
    {"rebind.example", "flip"},
};

static struct addrinfo *address_new(const char *text, int port, struct addrinfo *next) {
  struct addrinfo *info = calloc(1, sizeof *info);
  struct sockaddr_storage *storage = calloc(1, sizeof *storage);
  assert_true(info != NULL && storage != NULL);
  struct sockaddr_in *ipv4 = (struct sockaddr_in *)storage;
  struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)storage;
  bool is_ipv4 = inet_pton(AF_INET, text, &ipv4->sin_addr) == 1;
  if (is_ipv4) {
    ipv4->sin_family = AF_INET;
    ipv4->sin_port = htons((uint16_t)port);
  } else {
    assert_int_equal(inet_pton(AF_INET6, text, &ipv6->sin6_addr), 1);
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons((uint16_t)port);
  }
  info->ai_family = is_ipv4 ? AF_INET : AF_INET6;
  info->ai_socktype = SOCK_STREAM;
  info->ai_addrlen = is_ipv4 ? sizeof *ipv4 : sizeof *ipv6;
  info->ai_addr = (struct sockaddr *)storage;
  info->ai_next = next;
  return info;
}

static const char *addresses_of(const char *name) {
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(names[i].name, name) != 0) continue;
    if (strcmp(names[i].addresses, "flip") != 0) return names[i].addresses;
    pthread_mutex_lock(&lock);
    bool first = rebinds++ == 0;
    pthread_mutex_unlock(&lock);
    return first ? PUBLIC : "127.0.0.1";
  }
  return NULL;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  (void)hints;
  const char *addresses = name == NULL ? NULL : addresses_of(name);
  char text[256], *rest = text, *one;
  *found = NULL;
  if (addresses == NULL) return EAI_NONAME; /* nothing here leaves this machine */
  snprintf(text, sizeof text, "%s", addresses);
  struct addrinfo **end = found;
  while ((one = strsep(&rest, " ")) != NULL) {
    *end = address_new(one, service == NULL ? 0 : atoi(service), NULL);
    end = &(*end)->ai_next;
  }
  return 0;
}

void freeaddrinfo(struct addrinfo *info) {
  while (info != NULL) {
    struct addrinfo *next = info->ai_next;
    free(info->ai_addr);
    free(info);
    info = next;
  }
}

/* Writes it down; whether it is our public address. */
static bool note(const struct sockaddr *address) {
  char text[INET6_ADDRSTRLEN] = "";
  const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)(const void *)address;
  const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)(const void *)address;
  if (address->sa_family == AF_INET)
    assert_non_null(inet_ntop(AF_INET, &ipv4->sin_addr, text, sizeof text));
  else
    assert_non_null(inet_ntop(AF_INET6, &ipv6->sin6_addr, text, sizeof text));
  size_t used = strlen(connected);
  snprintf(connected + used, sizeof connected - used, "%s ", text);
  return strcmp(text, PUBLIC) == 0;
}

int connect(int fd, const struct sockaddr *address, socklen_t size) {
  int (*real)(int, const struct sockaddr *, socklen_t);
  *(void **)&real = dlsym(RTLD_NEXT, "connect");
  if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
    return real(fd, address, size);
  if (!note(address)) {
    errno = ENETUNREACH;
    return -1;
  }
  struct sockaddr_in here = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)tls_server_port(server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return real(fd, (const struct sockaddr *)&here, sizeof here);
}

/* ---- the scene ---- */

static const char *reply(const char *head, void *context) {
  static char text[512];
  (void)context;
  if (location == NULL || text_starts_with(head, "GET /whole"))
    return "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n0123";
  snprintf(text, sizeof text, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
           location);
  return text;
}

static int open_scene(void **state) {
  (void)state;
  static const struct tls_fault good = {.hosts = "DNS:*.example.test,DNS:public.example,"
                                                 "DNS:rebind.example,DNS:mixed.example"};
  int fd = mkstemp(trusted);
  if (fd < 0 || close(fd) != 0) return 1;
  authority = tls_authority_new();
  server = tls_server_start(authority, &good, reply, NULL);
  return !tls_authority_write(authority, trusted) || setenv("SSL_CERT_FILE", trusted, 1) != 0 ||
         unsetenv("https_proxy") != 0 || unsetenv("HTTPS_PROXY") != 0 ||
         unsetenv("all_proxy") != 0 || unsetenv("ALL_PROXY") != 0;
}

static int close_scene(void **state) {
  (void)state;
  tls_server_stop(server);
  tls_authority_free(authority);
  return unlink(trusted);
}

static void nothing(struct tiny_connection *connection, int number, void *context) {
  (void)connection;
  (void)number;
  (void)context;
}

/* With an API out in the world, as in a real night. */
static void fixture_of_the_world(struct http_fixture *fixture) {
  fixture_open(fixture, nothing, NULL);
  http_free(fixture->http);
  struct http_options options = {.api_url = "https://api.example.test/v1",
                                 .tokens = fixture->tokens,
                                 .token_count = 1,
                                 .connect_timeout = 10000,
                                 .timeout = 10000,
                                 .user_agent = "nightshift/test"};
  struct error error = {0};
  assert_int_equal(http_new(&fixture->http, &fixture->loop, &options, &error), 0);
  connected[0] = '\0';
}

static void fetch_link(struct http_fixture *fixture, const char *link, struct seen_fetch *seen) {
  fixture_fetch(fixture, link, fixture_path(fixture, "out"), 4, seen);
  fixture_run(fixture);
}

/* `reached`: what connections may have been made before it was refused. */
static void refused(const char *link, const char *reached) {
  struct http_fixture fixture;
  struct seen_fetch seen;
  fixture_of_the_world(&fixture);
  fetch_link(&fixture, link, &seen);
  if (seen.done.result != FETCH_FAILED) fail_msg("%s: not refused", link);
  if (strcmp(connected, reached) != 0) fail_msg("%s: connected to %s", link, connected);
  fixture_close(&fixture);
}

static void a_link_into_the_world_is_followed(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_fetch seen;
  location = NULL;
  fixture_of_the_world(&fixture);
  fetch_link(&fixture, "https://public.example/x?Signature=s3cr3t", &seen);
  if (seen.done.result != FETCH_WHOLE) fail_msg("%s", seen.done.text);
  assert_string_equal(connected, PUBLIC " ");
  fixture_close(&fixture);
}

static const char *const bad_links[] = {
    /* addresses, as they are written and as they can be */
    "https://127.0.0.1/x",
    "https://127.0.0.1:6379/x",
    "https://127.1/x",
    "https://127.0.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0x7f.0x0.0x0.0x1/x",
    "https://0177.0.0.1/x",
    "https://017700000001/x",
    "https://0/x",
    "https://0.0.0.0/x",
    "https://10.0.0.1/x",
    "https://012.0.0.1/x",
    "https://172.16.0.1/x",
    "https://192.168.1.1/x",
    "https://3232235777/x",
    "https://169.254.169.254/latest/meta-data",
    "https://0xa9fea9fe/x",
    "https://100.64.0.1/x",
    "https://192.0.0.192/x",
    "https://198.18.0.1/x",
    "https://224.0.0.1/x",
    "https://240.0.0.1/x",
    "https://255.255.255.255/x",
    "https://[::1]/x",
    "https://[::]/x",
    "https://[0:0:0:0:0:0:0:1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:7f00:1]/x",
    "https://[::ffff:0:127.0.0.1]/x",
    "https://[::127.0.0.1]/x",
    "https://[fe80::1]/x",
    "https://[fe80::1%25lo]/x",
    "https://[fec0::1]/x",
    "https://[fd00:ec2::254]/x",
    "https://[64:ff9b::127.0.0.1]/x",
    "https://[64:ff9b:1::a00:1]/x",
    "https://[2002:7f00:1::]/x",
    "https://[2001:0:53aa:64c::1]/x",
    "https://[ff02::1]/x",
    "https://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/x", /* full-width digits */
    "https://127\xe3\x80\x82"
    "0.0.1/x", /* an ideographic full stop */
    "https://%31%32%37.0.0.1/x",
    /* names */
    "https://localhost/x",
    "https://LOCALHOST/x",
    "https://localhost./x",
    "https://x.localhost/x",
    "https://loopback.example/x",
    "https://loopback6.example/x",
    "https://private.example/x",
    "https://private172.example/x",
    "https://private192.example/x",
    "https://metadata.example/x",
    "https://shared.example/x",
    "https://zero.example/x",
    "https://mapped.example/x",
    "https://compatible.example/x",
    "https://nat64.example/x",
    "https://sixtofour.example/x",
    "https://teredo.example/x",
    "https://local6.example/x",
    "https://unique.example/x",
    "https://both.example/x",
    "https://nobody.example/x",
    /* who is the host? */
    "https://user@public.example/x",
    "https://user:word@public.example/x",
    "https://public.example@127.0.0.1/x",
    "https://public.example:443@10.0.0.1/x",
    "https://public.example\\@127.0.0.1/x",
    "https://public.example%2f@127.0.0.1/x",
    "https://127.0.0.1#@public.example/x",
    "https://127.0.0.1?@public.example/x",
    "https://127.0.0.1\\.public.example/x",
    "https://public.example\t@127.0.0.1/x",
    "https://public.example\r\nHost: x/x",
    "https:///127.0.0.1/x",
    "https:127.0.0.1/x",
    "https://public.example:99999/x",
    "https://[::1",
    "https://]/x",
    "https://",
    "https:///x",
    /* other ways */
    "http://public.example/x",
    "HTTP://public.example/x",
    "http://127.0.0.1/x",
    "//public.example/x",
    "public.example/x",
    "/etc/passwd",
    "file:///etc/passwd",
    "ftp://public.example/x",
    "sftp://public.example/x",
    "gopher://public.example/x",
    "dict://public.example/x",
    "ldaps://public.example/x",
    "smb://public.example/x/x",
    "tftp://public.example/x",
    "telnet://public.example/x",
    "imaps://public.example/x",
    "wss://public.example/x",
    "data:video/mp4;base64,AAAA",
    "javascript:0",
    "about:blank",
    "",
    " ",
    " https://public.example/x",
    "https ://public.example/x",
    "-K/etc/passwd",
};

static void no_link_leads_inside(void **state) {
  (void)state;
  location = NULL;
  for (size_t i = 0; i < sizeof bad_links / sizeof bad_links[0]; i++)
    refused(bad_links[i], "");
}

/* All but those that are no absolute URL, after a first reply from out in the world. */
static void no_redirect_leads_inside(void **state) {
  (void)state;
  int tried = 0;
  for (size_t i = 0; i < sizeof bad_links / sizeof bad_links[0]; i++) {
    if (strstr(bad_links[i], "://") == NULL || strpbrk(bad_links[i], "\r\n\t ") != NULL) continue;
    location = bad_links[i];
    refused("https://public.example/first", PUBLIC " ");
    tried++;
  }
  assert_true(tried >= 80);
  location = "//private.example/x";
  refused("https://public.example/first", PUBLIC " ");
  location = "https://public.example/whole"; /* the other way round, it is only a redirect */
  struct http_fixture fixture;
  struct seen_fetch seen;
  fixture_of_the_world(&fixture);
  fetch_link(&fixture, "https://public.example/first", &seen);
  assert_int_equal(seen.done.result, FETCH_WHOLE);
  fixture_close(&fixture);
  location = NULL;
}

/* The address that is judged is the one that is connected to: a second answer is judged as well. */
static void a_name_that_changes_its_mind_is_judged_each_time(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_fetch seen;
  location = NULL;
  rebinds = 0;
  fixture_of_the_world(&fixture);
  fetch_link(&fixture, "https://rebind.example/x", &seen);
  assert_int_equal(seen.done.result, FETCH_WHOLE);
  fetch_link(&fixture, "https://rebind.example:8443/x", &seen); /* asked for anew */
  assert_int_equal(seen.done.result, FETCH_FAILED);
  assert_int_equal(rebinds, 2);
  assert_string_equal(connected, PUBLIC " ");
  fixture_close(&fixture);
  location = "https://rebind.example:8444/x";
  rebinds = 1;
  refused("https://public.example/first", PUBLIC " ");
  location = NULL;
}

static void of_several_addresses_only_public_ones_are_tried(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_fetch seen;
  fixture_of_the_world(&fixture);
  fetch_link(&fixture, "https://mixed.example/x", &seen);
  assert_true(strcmp(connected, "") == 0 || strcmp(connected, PUBLIC " ") == 0);
  fixture_close(&fixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_link_into_the_world_is_followed),
      cmocka_unit_test(no_link_leads_inside),
      cmocka_unit_test(no_redirect_leads_inside),
      cmocka_unit_test(a_name_that_changes_its_mind_is_judged_each_time),
      cmocka_unit_test(of_several_addresses_only_public_ones_are_tried),
  };
  return cmocka_run_group_tests_name("http/ssrf", tests, open_scene, close_scene);
}
