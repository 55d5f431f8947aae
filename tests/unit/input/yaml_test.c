/* The tree, its places, and what is refused: with its place, and quickly. */
#include "input/yaml.h"

#include <time.h>

#include "nightshift/error.h"
#include "unit/input/files.h"

static struct diag_list *diags;
static struct arena arena;
static struct yaml_document document;

static int begin(void **state) {
  (void)state;
  diags = diag_new();
  arena_init(&arena);
  return 0;
}

static int end(void **state) {
  (void)state;
  diag_free(diags);
  arena_release(&arena);
  return 0;
}

static int parse_bytes(const char *bytes, size_t size, enum yaml_secrets secrets) {
  return yaml_parse(&document, "f", bytes, size, "empty: write something", secrets, &arena, diags);
}

static const struct yaml_node *parse(const char *text) {
  assert_int_equal(parse_bytes(text, strlen(text), YAML_NO_SECRETS), 0);
  assert_int_equal(diag_error_count(diags), 0);
  return document.root;
}

/* The first mistake, and that it is one. */
static void expect_told(const char *start) {
  char *printed = diags_as_text(diags);
  if (strncmp(printed, start, strlen(start)) != 0)
    fail_msg("expected: %s\ntold: %s", start, printed);
  free(printed);
}

static void refused_bytes(const char *bytes, size_t size, const char *told) {
  assert_int_equal(parse_bytes(bytes, size, YAML_NO_SECRETS), ERR_USAGE);
  assert_null(document.root);
  expect_told(told);
  diag_free(diags);
  diags = diag_new();
}

static void refused(const char *text, const char *told) {
  refused_bytes(text, strlen(text), told);
}

static void every_node_knows_its_place(void **state) {
  (void)state;
  const struct yaml_node *root = parse("a: 1\nb:\n  - \"x\"\n  - {c: d}\n");
  assert_int_equal(root->kind, YAML_MAP);
  assert_int_equal(root->count, 2);
  const struct yaml_node *a = yaml_get(root, "a"), *b = yaml_get(root, "b");
  assert_string_equal(a->text, "1");
  assert_int_equal(a->line, 1);
  assert_int_equal(a->column, 4);
  assert_false(a->quoted);
  assert_int_equal(b->kind, YAML_LIST);
  assert_true(b->items[0].quoted);
  assert_int_equal(b->items[1].line, 4);
  assert_int_equal(b->items[1].column, 5);
  assert_string_equal(yaml_get(&b->items[1], "c")->text, "d");
  assert_null(yaml_get(root, "z"));
  assert_string_equal(yaml_line(&document, 3), "  - \"x\"");
  assert_null(yaml_line(&document, 99));
}

static void columns_count_code_points(void **state) {
  (void)state;
  const struct yaml_node *root = parse("\xc3\xa9: {\xc3\xbc: x}\n");
  const struct yaml_node *inner = yaml_get(root, "\xc3\xa9");
  assert_int_equal(yaml_get(inner, "\xc3\xbc")->column, 8);
}

static void a_byte_order_mark_and_crlf_are_fine(void **state) {
  (void)state;
  const struct yaml_node *root = parse("\xef\xbb\xbf"
                                       "a: 1\r\nb: 2\r\n");
  assert_int_equal(yaml_get(root, "b")->line, 2);
  assert_int_equal(root->pairs[0].key.column, 1);
  assert_string_equal(yaml_line(&document, 1), "a: 1");
}

static void one_scalar_counts_as_a_list_of_itself(void **state) {
  (void)state;
  const struct yaml_node *root = parse("a: x\nb: [y, z]\nc: []\n");
  assert_int_equal(yaml_item_count(yaml_get(root, "a")), 1);
  assert_string_equal(yaml_item(yaml_get(root, "a"), 0)->text, "x");
  assert_string_equal(yaml_item(yaml_get(root, "b"), 1)->text, "z");
  assert_int_equal(yaml_item_count(yaml_get(root, "c")), 0);
}

static void an_empty_file_says_what_to_write(void **state) {
  (void)state;
  refused("", "f:1:1: empty: write something\n");
  refused("\n# only words\n", "f:1:1: empty: write something\n");
  refused("---\n", "f:1:1: empty: write something\n");
}

static void aliases_anchors_tags_and_directives_are_refused(void **state) {
  (void)state;
  refused("a: 1\nb: *a\n", "f:2:4: aliases (*)");
  refused("a: &x 1\n", "f:1:4: anchors (&)");
  refused("a: !!str 1\n", "f:1:4: tags (!)");
  refused("a: !x [1]\n", "f:1:4: tags (!)");
  refused("# x\n%YAML 1.1\n---\na: 1\n", "f:2:1: directives");
  refused("a: *.mp4\n", "f:1:4: a value that begins with * must be in quotes");
}

static void all_aliases_are_told_not_only_the_first(void **state) {
  (void)state;
  assert_int_equal(parse_bytes("- *a\n- *b\n- &c d\n", 16, YAML_NO_SECRETS), ERR_USAGE);
  assert_int_equal(diag_error_count(diags), 3);
}

static void more_than_one_document_is_refused(void **state) {
  (void)state;
  refused("a: 1\n---\nb: 2\n", "f:2:1: a second document");
  refused("a: 1\n...\nb: 2\n", "f:3:1: a second document");
  refused("a: 1\n...\n%TAG ! x\n", "f:3:1: a second document");
  parse("---\na: 1\n...\n# the end\n\n");
}

static void sixteen_levels_are_read_and_seventeen_refused(void **state) {
  (void)state;
  parse("[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]");
  refused("[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]", "f:1:17: nested more than 16 levels deep");
}

static void bytes_of_no_text_file_are_refused(void **state) {
  (void)state;
  refused_bytes("a: b\0c\n", 7, "f:1:5: a NUL byte");
  refused("a: 1\nb: \xff\n", "f:2:4: byte 0xff is not valid UTF-8");
  refused("a: \xc0\x80\n", "f:1:4: byte 0xc0");
  refused("a: b\033\n", "f:1:5: the control character U+001B");
  refused("a: \"\\0\"\n", "f:1:4: a NUL character");
  refused_bytes("\xff\xfe"
                "a\0",
                4, "f:1:1: byte 0xff");
}

static void tabs_as_indentation_are_refused(void **state) {
  (void)state;
  refused("a:\n\tb: 1\n", "f:2:1: a tab cannot be used for indentation");
  parse("a:\t1\n");
}

static void a_key_that_comes_twice_names_the_first(void **state) {
  (void)state;
  assert_int_equal(parse_bytes("a: 1\nb: 2\na: 3\n", 15, YAML_NO_SECRETS), 0);
  expect_told("f:3:1: the key `a` comes twice: it is already on line 1\n");
  assert_int_equal(document.root->count, 2);
  assert_string_equal(yaml_get(document.root, "a")->text, "1");
}

static void keys_must_be_text(void **state) {
  (void)state;
  refused("? [a]\n: b\n", "f:1:3: a key must be plain text");
  refused("{id}: b\n", "f:1:1: a key must be plain text");
}

static void values_that_need_quotes_are_told_so(void **state) {
  (void)state;
  refused("a: {id}.mp4\n", "f:1:8: not expected after this: a value that begins with {");
  refused("a: @x\n", "f:1:4: a value that begins with @ must be in quotes");
  refused("a: b: c\n", "f:1:5: a colon is not allowed here");
  refused("a: \"x\nb: c\n", "f:1:4: this quote is never closed");
  refused("a: [b, c\n", "f:1:4: this [ is never closed");
  refused("a: [b, t [1].mp4]\n", "f:1:10: expected `,` or `]` here");
  refused("a: 1\nb\nc: d\n", "f:2:1: expected `key: value` here");
}

static char *repeated(const char *start, const char *piece, size_t size) {
  char *text = malloc(size + 1);
  size_t length = strlen(start);
  assert_non_null(text);
  memcpy(text, start, length);
  for (size_t i = 0; length < size; i++)
    text[length++] = piece[i % strlen(piece)];
  text[size] = '\0';
  return text;
}

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Four megabytes of each, where libyaml alone would take minutes to hours for some. */
static void hostile_files_are_refused_quickly(void **state) {
  (void)state;
  static const char *const files[][3] = {
      {"", "[", "f:1:17: nested"},
      {"", "[\n", "f:17:1: nested"},
      {"", "{a: ", "f:1:65: nested"},
      {"", "- ", "f:1:33: nested"},
      {"", "%TAG !a! x\n", "f:1:1: direct"},
      {"a: \"", "b", "f:1:4: this quote"},
      {"", "&a ", "f:1:"},
      {"a: b\n", "%TAG !a! x\n", "f:2:1:"},
      {"a: ", "b", "f:1:4: a text of"},
      {"[", "&a a, ", "f:1:2: anchors"},
  };
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    size_t size = (size_t)4 << 20;
    char *text = repeated(files[i][0], files[i][1], size);
    double start = now_s();
    refused_bytes(text, size, files[i][2]);
    assert_true(now_s() - start < 10.0);
    arena_reset(&arena);
    free(text);
  }
}

static void a_mapping_of_too_many_keys_is_refused(void **state) {
  (void)state;
  char text[4096] = "";
  for (int i = 0; i < 300; i++)
    sprintf(text + strlen(text), "k%d: 1\n", i);
  refused(text, "f:257:1: a mapping of more than 256 keys");
}

static void values_of_wrong_types_are_told(void **state) {
  (void)state;
  const struct yaml_node *root = parse("a: yes\nb: 12x\nc: [1]\nd: 10 s\ne: 2h\nf: {id}\ng:\n");
  bool flag = false;
  int64_t number = 7;
  double real;
  const char *text = "kept";
  assert_false(yaml_read_bool(&document, yaml_get(root, "a"), "a", &flag));
  assert_false(yaml_read_integer(&document, yaml_get(root, "b"), "b", 1, 10, &number));
  assert_false(yaml_read_text(&document, yaml_get(root, "c"), "c", &text));
  assert_false(yaml_read_duration(&document, yaml_get(root, "d"), "d", 0, HOUR_MS, &number));
  assert_false(
      yaml_read_duration(&document, yaml_get(root, "e"), "e", SECOND_MS, HOUR_MS, &number));
  assert_false(yaml_read_text(&document, yaml_get(root, "f"), "f", &text));
  assert_false(yaml_read_real(&document, yaml_get(root, "b"), "b", 0, 1, &real));
  assert_false(yaml_read_text(&document, yaml_get(root, "g"), "g", &text));
  assert_int_equal(number, 7);
  assert_string_equal(text, "kept");
  char *told = diags_as_text(diags);
  assert_in(told, "f:1:4: a: write true instead of `yes`");
  assert_in(told, "f:2:4: b: expected a whole number from 1 to 10, found `12x`");
  assert_in(told, "f:3:4: c: expected text, found a list");
  assert_in(told, "f:4:4: d: expected a duration such as 250ms, 10s, 5m or 2h, found `10 s`");
  assert_in(told, "f:5:4: e: expected a duration from 1s to 1h, found `2h`");
  assert_in(told, "f:6:4: f: expected text, found a mapping; a value that begins with {");
  assert_in(told, "f:7:3: g: expected text, found nothing");
  free(told);
}

static void good_values_are_read(void **state) {
  (void)state;
  const struct yaml_node *root = parse("a: true\nb: -5\nc: 0.25\nd: 250ms\ne: 123\nf: false\n");
  bool flag = false, other = true;
  int64_t number = 0;
  duration_ms duration = 0;
  double real = 0;
  const char *text = NULL;
  assert_true(yaml_read_bool(&document, yaml_get(root, "a"), "a", &flag));
  assert_true(yaml_read_bool(&document, yaml_get(root, "f"), "f", &other));
  assert_true(yaml_read_integer(&document, yaml_get(root, "b"), "b", -5, 5, &number));
  assert_true(yaml_read_real(&document, yaml_get(root, "c"), "c", 0, 1, &real));
  assert_true(yaml_read_duration(&document, yaml_get(root, "d"), "d", 0, 1000, &duration));
  assert_true(yaml_read_text(&document, yaml_get(root, "e"), "e", &text));
  assert_true(flag);
  assert_false(other);
  assert_int_equal(number, -5);
  assert_true(real > 0.24 && real < 0.26);
  assert_int_equal(duration, 250);
  assert_string_equal(text, "123");
}

static void unknown_keys_name_the_nearest(void **state) {
  (void)state;
  static const char *const names[] = {"voice", "video"};
  const struct yaml_node *root = parse("voise: 1\nzzz: 2\nvideo: 3\n");
  assert_false(yaml_check_keys(&document, root, names, 2));
  char *told = diags_as_text(diags);
  assert_in(told, "f:1:1: unknown key `voise`: did you mean `voice`?\n");
  assert_in(told, "f:2:1: unknown key `zzz`\n");
  assert_not_in(told, "f:3");
  free(told);
}

static void lines_that_could_show_a_secret_are_not_to_be_had(void **state) {
  (void)state;
  const char *text = "api:\n  token: abc\n  url: x\n  token:\n    def\n  token_file: here\n"
                     "a: user:12-x\nb: postgresql://u:p@h/d\nc: [token,\n  ghi]\nd: 1\n";
  (void)parse_bytes(text, strlen(text), YAML_SECRETS);
  static const bool shown[] = {true,  false, true,  false, false, true,
                               false, false, false, false, true};
  for (int32_t i = 0; i < 11; i++)
    assert_int_equal(yaml_line(&document, i + 1) != NULL, shown[i]);
  assert_string_equal(yaml_short(&document, "user:12-x"), "…");
  assert_string_equal(yaml_short(&document, "plain"), "plain");
}

static void a_file_that_is_too_large_or_not_there_is_told(void **state) {
  (void)state;
  files_begin(state);
  assert_int_equal(
      yaml_load(&document, "no.yaml", "no.yaml", 100, "", YAML_NO_SECRETS, &arena, diags), ERR_IO);
  expect_told("no.yaml: cannot be read: No such file or directory\n");
  file_write("big.yaml", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  assert_int_equal(
      yaml_load(&document, "big.yaml", "big.yaml", 20, "", YAML_NO_SECRETS, &arena, diags),
      ERR_USAGE);
  char *told = diags_as_text(diags);
  assert_in(told, "big.yaml: the file is larger than");
  free(told);
  assert_int_equal(yaml_load(&document, "big.yaml", "x", 38, "", YAML_NO_SECRETS, &arena, diags),
                   0);
  files_end(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(every_node_knows_its_place),
      TEST(columns_count_code_points),
      TEST(a_byte_order_mark_and_crlf_are_fine),
      TEST(one_scalar_counts_as_a_list_of_itself),
      TEST(an_empty_file_says_what_to_write),
      TEST(aliases_anchors_tags_and_directives_are_refused),
      TEST(all_aliases_are_told_not_only_the_first),
      TEST(more_than_one_document_is_refused),
      TEST(sixteen_levels_are_read_and_seventeen_refused),
      TEST(bytes_of_no_text_file_are_refused),
      TEST(tabs_as_indentation_are_refused),
      TEST(a_key_that_comes_twice_names_the_first),
      TEST(keys_must_be_text),
      TEST(values_that_need_quotes_are_told_so),
      TEST(hostile_files_are_refused_quickly),
      TEST(a_mapping_of_too_many_keys_is_refused),
      TEST(values_of_wrong_types_are_told),
      TEST(good_values_are_read),
      TEST(unknown_keys_name_the_nearest),
      TEST(lines_that_could_show_a_secret_are_not_to_be_had),
      TEST(a_file_that_is_too_large_or_not_there_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
