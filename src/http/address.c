/* Where a URL or a socket address leads: to this machine, to a private network, to the world. */
#include "http/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "nightshift/http.h"
#include "util/check.h"

struct ipv4_range {
  uint32_t start;
  unsigned bits;
};

/* IANA's IPv4 special-purpose registry, and multicast. */
static const struct ipv4_range not_public_ipv4[] = {
    {0x00000000, 8},  /* 0/8: this network, unspecified */
    {0x0a000000, 8},  /* 10/8: private */
    {0x64400000, 10}, /* 100.64/10: shared by carriers */
    {0x7f000000, 8},  /* 127/8: loopback */
    {0xa9fe0000, 16}, /* 169.254/16: link-local, and the metadata of clouds */
    {0xac100000, 12}, /* 172.16/12: private */
    {0xc0000000, 24}, /* 192.0.0/24: protocols */
    {0xc0000200, 24}, /* 192.0.2/24: documentation */
    {0xc0586300, 24}, /* 192.88.99/24: 6to4 relays */
    {0xc0a80000, 16}, /* 192.168/16: private */
    {0xc6120000, 15}, /* 198.18/15: benchmarks */
    {0xc6336400, 24}, /* 198.51.100/24: documentation */
    {0xcb007100, 24}, /* 203.0.113/24: documentation */
    {0xe0000000, 4},  /* 224/4: multicast */
    {0xf0000000, 4},  /* 240/4: reserved, broadcast */
};

static bool ipv4_is_public(uint32_t ip) {
  for (size_t i = 0; i < sizeof not_public_ipv4 / sizeof not_public_ipv4[0]; i++) {
    unsigned shift = 32 - not_public_ipv4[i].bits;
    if (ip >> shift == not_public_ipv4[i].start >> shift) return false;
  }
  return true;
}

static uint32_t ipv4_at(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool ipv6_is_public(const uint8_t ip[16]) {
  static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
  if (memcmp(ip, nat64, sizeof nat64) == 0) return ipv4_is_public(ipv4_at(ip + 12));
  if ((ip[0] & 0xe0) != 0x20) return false; /* outside 2000::/3 there is no global unicast */
  if (ip[0] == 0x20 && ip[1] == 0x02) return ipv4_is_public(ipv4_at(ip + 2)); /* 6to4 */
  /* 2001::/23: Teredo and other protocols; 2001:db8::/32 and 3fff::/20: documentation. */
  if (ip[0] == 0x20 && ip[1] == 0x01 && ip[2] < 0x02) return false;
  if (ip[0] == 0x20 && ip[1] == 0x01 && ip[2] == 0x0d && ip[3] == 0xb8) return false;
  if (ip[0] == 0x3f && ip[1] == 0xff && ip[2] < 0x10) return false;
  return true;
}

static uint32_t ipv4_of(const struct sockaddr *address) {
  struct sockaddr_in in;
  memcpy(&in, address, sizeof in);
  return ntohl(in.sin_addr.s_addr);
}

static struct in6_addr ipv6_of(const struct sockaddr *address) {
  struct sockaddr_in6 in;
  memcpy(&in, address, sizeof in);
  return in.sin6_addr;
}

bool address_is_public(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) return ipv4_is_public(ipv4_of(address));
  if (address->sa_family != AF_INET6) return false;
  struct in6_addr ip = ipv6_of(address);
  return ipv6_is_public(ip.s6_addr);
}

bool address_is_loopback(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) return ipv4_of(address) >> 24 == 127;
  if (address->sa_family != AF_INET6) return false;
  struct in6_addr ip = ipv6_of(address);
  return IN6_IS_ADDR_LOOPBACK(&ip);
}

bool address_text_is_loopback(const char *text) {
  struct in_addr ipv4;
  if (inet_pton(AF_INET, text, &ipv4) == 1) return ntohl(ipv4.s_addr) >> 24 == 127;
  struct in6_addr ipv6;
  return inet_pton(AF_INET6, text, &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

static bool host_is_loopback(char *host) {
  size_t length = strlen(host);
  if (length > 2 && host[0] == '[') { /* [::1] */
    host[length - 1] = '\0';
    return address_text_is_loopback(host + 1);
  }
  return strcasecmp(host, "localhost") == 0 || address_text_is_loopback(host);
}

static bool has_part(CURLU *url, CURLUPart part) {
  char *text = NULL;
  bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;
  curl_free(text);
  return there;
}

static bool look_at_parsed(CURLU *url, struct url_facts *facts) {
  char *scheme = NULL, *host = NULL;
  bool good = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0) &&
              !has_part(url, CURLUPART_USER);
  if (good) {
    facts->https = strcmp(scheme, "https") == 0;
    facts->loopback = host_is_loopback(host);
    facts->has_query = has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT);
  }
  curl_free(scheme);
  curl_free(host);
  return good;
}

bool url_look(const char *url, struct url_facts *facts) {
  CURLU *parsed = curl_url();
  /* A lack of memory is no property of the address. */
  CHECK(parsed != NULL && "out of memory");
  CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
  CHECK(code != CURLUE_OUT_OF_MEMORY);
  bool good = code == CURLUE_OK && look_at_parsed(parsed, facts);
  curl_url_cleanup(parsed);
  return good;
}

bool http_api_is_loopback(const char *api_url) {
  struct url_facts facts;
  return api_url != NULL && url_look(api_url, &facts) && facts.loopback;
}
