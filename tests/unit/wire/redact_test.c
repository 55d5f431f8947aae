/* Secrets go, ids and words stay; lines from outside are fit to be shown. */
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire/redact.h"

#define DOTS "\xe2\x80\xa6"

static void assert_redacted(const char *raw, const char *expected) {
  char text[512];
  assert_true(strlen(raw) < sizeof text);
  strcpy(text, raw);
  wire_redact(text);
  assert_string_equal(text, expected);
  wire_redact(text); /* twice is the same as once */
  assert_null(strstr(text, "s3cret"));
}

static void bearer_tokens_go(void **state) {
  (void)state;
  assert_redacted("Authorization: Bearer user:12-s3cret was refused", "Authorization: " DOTS);
  assert_redacted("sent bearer s3cret, twice", "sent bearer " DOTS ", twice");
  assert_redacted("Bearer x", "Bearer *");
}

static void user_tokens_go_and_ids_stay(void **state) {
  (void)state;
  assert_redacted("token user:1234-s3cretAbC_9 is bad", "token user:" DOTS " is bad");
  assert_redacted("user%3A1234-s3cret", "user%3A" DOTS);
  assert_redacted("Unable to retrieve assetId " ASSET_1 " (Not found.)",
                  "Unable to retrieve assetId " ASSET_1 " (Not found.)");
  assert_redacted("task user%3A1-runwayml%3Aa%40b.c-task%3A1",
                  "task user%3A1-runwayml%3Aa%40b.c-task%3A1");
  assert_redacted("user: 12 people", "user: 12 people");
}

static void jwts_go(void **state) {
  (void)state;
  assert_redacted("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s3cret-_x!", "got " DOTS "!");
  assert_redacted("eyJoy", "eyJoy");
}

static void named_secrets_go(void **state) {
  (void)state;
  assert_redacted("password: s3cret and more", "password: " DOTS " and more");
  assert_redacted("{\"password\":\"s3cret with spaces\",\"a\":1}",
                  "{\"password\":\"" DOTS "\",\"a\":1}");
  assert_redacted("{'jwt': 's3cret'}", "{'jwt': '" DOTS "'}");
  assert_redacted("{\\\"password\\\":\\\"s3cret\\\"}", "{\\\"password\\\":\\\"" DOTS "\"}");
  assert_redacted("Cookie: a=s3cret; b=s3cret", "Cookie: " DOTS);
  assert_redacted("access_token=s3cret-long-enough&x=1", "access_token=" DOTS "&x=1");
  assert_redacted("token: expired", "token: expired");
  assert_redacted("the password was wrong", "the password was wrong");
}

/* Wherever it stands in a text, and however it is written. */
static void each_word_for_a_secret_is_known_in_small_and_capital_letters(void **state) {
  (void)state;
  static const char *const words[] = {"authorization", "cookie", "password", "passwd",    "pwd",
                                      "secret",        "jwt",    "api_key",  "apikey",    "api-key",
                                      "signature",     "token",  "bearer",   "credential"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    for (int capitals = 0; capitals < 2; capitals++) {
      char word[32], raw[96], expected[96];
      strcpy(word, words[i]);
      for (char *at = word; capitals && *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'z') *at = (char)(*at - 'a' + 'A');
      snprintf(raw, sizeof raw, "a_%s: s3cret-s3cret-s3cret", word);
      snprintf(expected, sizeof expected, "a_%s: " DOTS, word);
      assert_redacted(raw, expected);
    }
  }
  assert_redacted("USER:12-s3cret", "USER:" DOTS);
  assert_redacted("USER%3a12-s3cret", "USER%3a" DOTS);
}

static void queries_of_links_go_and_the_rest_stays(void **state) {
  (void)state;
  assert_redacted("see https://r.example/a.mp4?sig=s3cret&x=1 now",
                  "see https://r.example/a.mp4?" DOTS " now");
  assert_redacted("(https://a/b#s3cret)", "(https://a/b#" DOTS);
  assert_redacted("https://me:s3cret@host/x", "https://" DOTS "@host/x");
  assert_redacted("https://a/b why? because", "https://a/b why? because");
  assert_redacted("what? yes", "what? yes");
}

static void a_text_without_secrets_is_untouched(void **state) {
  (void)state;
  assert_redacted("", "");
  assert_redacted("You do not have enough credits to run this task.",
                  "You do not have enough credits to run this task.");
  assert_redacted("Account one@example.com is busy executing 2 tasks",
                  "Account one@example.com is busy executing 2 tasks");
}

static void assert_line(const char *raw, size_t size, const char *expected) {
  char line[256];
  redact_line(raw, line, size);
  assert_string_equal(line, expected);
}

static void a_line_is_one_line_of_whole_characters(void **state) {
  (void)state;
  assert_line("a\r\nb\tc\x1b[31m", 256, "a  b c [31m");
  assert_line("a\xff\xc3", 256, "a??");
  assert_line("a\xc2\x9b"
              "31m",
              256, "a  31m");
  assert_line("gr\xc3\xbc\xc3\x9f", 256, "gr\xc3\xbc\xc3\x9f");
  assert_line("gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc");
  assert_line("  ab  ", 256, "ab");
  assert_line("abc", 1, "");
  assert_line(NULL, 256, "");
}

static void a_secret_is_taken_out_before_the_line_is_cut(void **state) {
  (void)state;
  char raw[600], line[240];
  memset(raw, 'x', sizeof raw);
  memcpy(raw + 225, " user:1-s3cret-s3cret-s3cret ", 29);
  raw[sizeof raw - 1] = '\0';
  redact_line(raw, line, sizeof line);
  assert_null(strstr(line, "s3cr"));
  assert_non_null(strstr(line, "user:"));
}

static void a_long_text_takes_time_in_proportion(void **state) {
  (void)state;
  size_t size = (size_t)4 * 1024 * 1024;
  char *text = malloc(size + 1), line[64];
  assert_non_null(text);
  static const char *const pieces[] = {
      "user:1", "eyJ", "password", "://", "token=", "bearer ", "?", "\"\"\"\"", "user:1-runwayml:"};
  for (size_t piece = 0; piece < sizeof pieces / sizeof pieces[0]; piece++) {
    size_t length = strlen(pieces[piece]);
    for (size_t i = 0; i < size; i++)
      text[i] = pieces[piece][i % length];
    text[size] = '\0';
    redact_line(text, line, sizeof line);
  }
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bearer_tokens_go),
      cmocka_unit_test(user_tokens_go_and_ids_stay),
      cmocka_unit_test(jwts_go),
      cmocka_unit_test(named_secrets_go),
      cmocka_unit_test(each_word_for_a_secret_is_known_in_small_and_capital_letters),
      cmocka_unit_test(queries_of_links_go_and_the_rest_stays),
      cmocka_unit_test(a_text_without_secrets_is_untouched),
      cmocka_unit_test(a_line_is_one_line_of_whole_characters),
      cmocka_unit_test(a_secret_is_taken_out_before_the_line_is_cut),
      cmocka_unit_test(a_long_text_takes_time_in_proportion),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
