/* The fingerprint of bytes that pass by and are not kept: FNV-1a, 64 bits. */
#ifndef SIM_FNV_H
#define SIM_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BEGIN ((uint64_t)0xcbf29ce484222325u)

static inline uint64_t fnv_more(uint64_t hash, const char *bytes, size_t size) {
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3u;
  return hash;
}

#endif
