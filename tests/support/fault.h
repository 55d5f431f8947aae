/* For tests that a fault of our own (util/check.h) is noticed: EXPECT_FAULT(call) passes when a
 * CHECK fails inside the call, and fails when none does. Include after cmocka.h. */
#ifndef SUPPORT_FAULT_H
#define SUPPORT_FAULT_H

#include "util/check.h"

static inline void fault_is_told(const char *file, int line, const char *function,
                                 const char *what) {
  (void)function;
  mock_assert(0, what, file, line); /* jumps back to EXPECT_FAULT */
}

#define EXPECT_FAULT(call)                                                                         \
  do {                                                                                             \
    check_set_handler(fault_is_told);                                                              \
    expect_assert_failure(call);                                                                   \
    check_set_handler(NULL);                                                                       \
  } while (0)

#endif
