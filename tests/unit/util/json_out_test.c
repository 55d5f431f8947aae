/* The JSON that we print: commas, escapes, and bytes that are not text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "support/fault.h"
#include "util/json_out.h"

struct fixture {
  struct buffer out;
  struct json_out json;
};

static int begin(void **state) {
  static struct fixture fixture;
  buffer_init(&fixture.out, 1 << 16);
  json_begin(&fixture.json, &fixture.out);
  *state = &fixture;
  return 0;
}

static int end(void **state) {
  buffer_release(&((struct fixture *)*state)->out);
  return 0;
}

static const char *printed(const struct fixture *fixture) {
  return buffer_string(&fixture->out);
}

static void values_are_separated_at_every_depth(void **state) {
  struct fixture *fixture = *state;
  struct json_out *json = &fixture->json;
  json_open_object(json, NULL);
  json_text(json, "batch", "spring");
  json_open_object(json, "counts");
  json_number(json, "queued", 3);
  json_number(json, "failed", -1);
  json_close_object(json);
  json_open_array(json, "jobs");
  json_open_object(json, NULL);
  json_close_object(json);
  json_open_array(json, NULL);
  json_close_array(json);
  json_bool(json, NULL, true);
  json_bool(json, NULL, false);
  json_null(json, NULL);
  json_close_array(json);
  json_null(json, "eta");
  json_close_object(json);
  assert_string_equal(printed(fixture),
                      "{\"batch\":\"spring\",\"counts\":{\"queued\":3,\"failed\":-1},"
                      "\"jobs\":[{},[],true,false,null],\"eta\":null}");
}

static void a_text_that_is_missing_is_null(void **state) {
  json_text(&((struct fixture *)*state)->json, NULL, NULL);
  assert_string_equal(printed(*state), "null");
}

static void what_json_gives_a_meaning_is_escaped(void **state) {
  json_text(&((struct fixture *)*state)->json, NULL, "\"\\/\n\t\r\b\x01\x1f\x7f");
  assert_string_equal(printed(*state), "\"\\\"\\\\/\\n\\t\\u000d\\u0008\\u0001\\u001f\\u007f\"");
}

static void names_are_escaped_like_texts(void **state) {
  struct fixture *fixture = *state;
  json_open_object(&fixture->json, NULL);
  json_number(&fixture->json, "a\"b\n", 1);
  json_close_object(&fixture->json);
  assert_string_equal(printed(fixture), "{\"a\\\"b\\n\":1}");
}

static void text_of_every_width_goes_through(void **state) {
  const char *text = "z\u00fc\u20ac\U0001f3ac\U0010ffff";
  json_text(&((struct fixture *)*state)->json, NULL, text);
  assert_int_equal(strlen(printed(*state)), strlen(text) + 2);
  assert_memory_equal(printed(*state) + 1, text, strlen(text));
}

#define R "\xef\xbf\xbd"
static void bytes_that_are_not_text_become_the_replacement_sign(void **state) {
  static const struct {
    const char *text, *json;
  } cases[] = {
      {"a\xff"
       "b",
       "\"a" R "b\""},
      {"\x80", "\"" R "\""},       /* a continuation alone */
      {"\xc0\x80", "\"" R R "\""}, /* overlong */
      {"\xe2\x82", "\"" R R "\""}, /* cut at the end */
      {"\xe2\x82"
       "x",
       "\"" R R "x\""},                        /* cut by a letter, which stays */
      {"\xed\xa0\x80", "\"" R R R "\""},       /* a surrogate */
      {"\xf4\x90\x80\x80", "\"" R R R R "\""}, /* beyond the last code point */
      {"\xf0\x9f\x8e", "\"" R R R "\""},
  };
  struct fixture *fixture = *state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    buffer_clear(&fixture->out);
    json_begin(&fixture->json, &fixture->out);
    json_text(&fixture->json, NULL, cases[i].text);
    assert_string_equal(printed(fixture), cases[i].json);
  }
}

static void numbers_keep_every_digit(void **state) {
  struct fixture *fixture = *state;
  json_open_array(&fixture->json, NULL);
  json_number(&fixture->json, NULL, INT64_MIN);
  json_number(&fixture->json, NULL, INT64_MAX);
  json_real(&fixture->json, NULL, 0.5);
  json_real(&fixture->json, NULL, -3);
  json_close_array(&fixture->json);
  assert_string_equal(printed(fixture), "[-9223372036854775808,9223372036854775807,0.5,-3]");
}

static void a_number_that_json_has_not_is_null(void **state) {
  struct fixture *fixture = *state;
  json_open_array(&fixture->json, NULL);
  json_real(&fixture->json, NULL, NAN);
  json_real(&fixture->json, NULL, -INFINITY);
  json_close_array(&fixture->json);
  assert_string_equal(printed(fixture), "[null,null]");
}

static void open_fifteen(struct json_out *json) {
  for (int i = 0; i < 15; i++)
    json_open_array(json, NULL);
}

static void the_depth_has_an_end_on_both_sides(void **state) {
  struct json_out *json = &((struct fixture *)*state)->json;
  EXPECT_FAULT(json_close_object(json));
  open_fifteen(json);
  EXPECT_FAULT(json_open_array(json, NULL));
}

/* JSON is looked at on terminals as well: what would act there is an escape, and the same text. */
static void what_would_act_on_a_terminal_is_escaped(void **state) {
  (void)state;
  struct json_out json;
  struct buffer out;
  buffer_init(&out, 1000);
  json_begin(&json, &out);
  json_text(&json, NULL, "\x1b\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81\xc3\xa9\xf0\x9f\x8e\xac");
  assert_string_equal(buffer_string(&out),
                      "\"\\u001b\\u007f\\u009b\\u202e\\udb40\\udc41\xc3\xa9\xf0\x9f\x8e\xac\"");
  buffer_release(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(values_are_separated_at_every_depth, begin, end),
      cmocka_unit_test_setup_teardown(a_text_that_is_missing_is_null, begin, end),
      cmocka_unit_test_setup_teardown(what_json_gives_a_meaning_is_escaped, begin, end),
      cmocka_unit_test_setup_teardown(names_are_escaped_like_texts, begin, end),
      cmocka_unit_test_setup_teardown(text_of_every_width_goes_through, begin, end),
      cmocka_unit_test_setup_teardown(bytes_that_are_not_text_become_the_replacement_sign, begin,
                                      end),
      cmocka_unit_test_setup_teardown(numbers_keep_every_digit, begin, end),
      cmocka_unit_test_setup_teardown(a_number_that_json_has_not_is_null, begin, end),
      cmocka_unit_test_setup_teardown(the_depth_has_an_end_on_both_sides, begin, end),
      cmocka_unit_test(what_would_act_on_a_terminal_is_escaped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
