/* Links of results: a URL, and an address that its name was resolved to. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "http/address.h"

/* The same IPv4 address in every wrapping is as public as it is bare. */
static void check_wrapped(const uint8_t four[4]) {
  struct sockaddr_in bare = {.sin_family = AF_INET};
  struct sockaddr_in6 nat = {.sin6_family = AF_INET6}, mapped = {.sin6_family = AF_INET6};
  memcpy(&bare.sin_addr, four, 4);
  memcpy(nat.sin6_addr.s6_addr, (const uint8_t[]){0, 0x64, 0xff, 0x9b}, 4);
  memcpy(nat.sin6_addr.s6_addr + 12, four, 4);
  mapped.sin6_addr.s6_addr[10] = mapped.sin6_addr.s6_addr[11] = 0xff;
  memcpy(mapped.sin6_addr.s6_addr + 12, four, 4);
  bool is_public = address_is_public((const struct sockaddr *)&bare);
  CHECK(address_is_public((const struct sockaddr *)&nat) == is_public);
  CHECK(!address_is_public((const struct sockaddr *)&mapped));
  if (four[0] == 127 || four[0] == 10 || four[0] == 0 || four[0] >= 224) CHECK(!is_public);
  if (four[0] == 169 && four[1] == 254) CHECK(!is_public);
  if (four[0] == 192 && four[1] == 168) CHECK(!is_public);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_bytes bytes = {data, size};
  struct sockaddr_in6 address = {.sin6_family = AF_INET6};
  uint8_t four[4];
  for (size_t i = 0; i < sizeof four; i++)
    four[i] = fuzz_byte(&bytes);
  check_wrapped(four);
  for (size_t i = 0; i < 16; i++)
    address.sin6_addr.s6_addr[i] = fuzz_byte(&bytes);
  bool is_public = address_is_public((const struct sockaddr *)&address);
  if (IN6_IS_ADDR_LOOPBACK(&address.sin6_addr) || IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr) ||
      IN6_IS_ADDR_MULTICAST(&address.sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&address.sin6_addr))
    CHECK(!is_public);
  char *url = fuzz_line(&bytes);
  struct url_facts facts;
  if (url_look(url, &facts)) CHECK(strchr(url, ':') != NULL);
  (void)address_text_is_loopback(url);
  free(url);
  return 0;
}

static void long_url(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "aaaabbbbccccddddeeeehttps://", "a.", "/?x\n");
}
static void at_signs(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "aaaabbbbccccddddeeeehttps://", "@", "\n");
}

const struct fuzz_worst fuzz_worst[] = {
    {"a long host", long_url}, {"at signs", at_signs}, {NULL, NULL}};
