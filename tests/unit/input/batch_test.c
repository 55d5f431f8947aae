/* The batch file: what becomes a job, what it is called, where its result goes, and every mistake
 * that a person can make in it. */
#include "nightshift/batch.h"

#include <time.h>

#include "nightshift/error.h"
#include "unit/input/files.h"

static struct diag_list *diags;
static struct batch batch;
static struct batch_options options;

static int begin(void **state) {
  if (files_begin(state) != 0) return -1;
  diags = diag_new();
  options = (struct batch_options){0};
  file_directory("clips");
  file_write("clips/a.mp4", "");
  file_write("clips/b.mp4", "");
  file_write("clips/c.mov", "");
  return 0;
}

static int end(void **state) {
  batch_release(&batch);
  diag_free(diags);
  return files_end(state);
}

static int load(const char *text) {
  file_write("batch.yaml", text);
  batch_release(&batch);
  diag_free(diags);
  diags = diag_new();
  return batch_load("batch.yaml", &options, &batch, diags);
}

static void good(const char *text) {
  if (load(text) == 0) return;
  char *told = diags_as_text(diags);
  fail_msg("refused:\n%s\n%s", text, told);
}

/* Refused, with these words among what is told. */
static void bad(const char *text, const char *told) {
  assert_int_equal(load(text), ERR_USAGE);
  char *printed = diags_as_text(diags);
  assert_in(printed, told);
  free(printed);
}

static void what_could_be_made_out_stays_to_find_further_mistakes(void **state) {
  (void)state;
  bad("jobs:\n  - video: clips/a.mp4\n    voice: Maya\n    priorty: 1\n"
      "  - video: clips/b.mp4\n    voice: Leo\n",
      "priorty");
  assert_int_equal(batch.job_count, 2);
  assert_string_equal(batch.jobs[1].voice, "Leo");
}

static void warned(const char *text, const char *told) {
  good(text);
  char *printed = diags_as_text(diags);
  assert_in(printed, told);
  free(printed);
}

static const char *here(const char *name) {
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", files_directory, name);
  return path;
}

static const struct batch_job *job(const char *id) {
  for (size_t i = 0; i < batch.job_count; i++)
    if (strcmp(batch.jobs[i].id, id) == 0) return &batch.jobs[i];
  fail_msg("no job %s", id);
  return NULL;
}

#define DEFAULTS "defaults: {voice: Maya}\n"

/* ---- what becomes a job ---- */

static void the_short_form_takes_everything_from_the_defaults(void **state) {
  (void)state;
  good("batch: spring\n"
       "defaults:\n  voice: Maya\n  output: out/{video}-{voice}.mp4\n  priority: 3\n"
       "  explore: auto\n  account: one@example.com\n  reference: r\n"
       "  reply_url: https://example.com/done\n"
       "jobs:\n  - clips/a.mp4\n");
  const struct batch_job *a = job("clips.a-Maya");
  assert_int_equal(batch.job_count, 1);
  assert_true(batch.named);
  assert_string_equal(batch.key, "spring");
  assert_string_equal(batch.directory, files_directory);
  assert_string_equal(batch.path, here("batch.yaml"));
  assert_string_equal(batch.shown, "batch.yaml");
  assert_int_equal(a->number, 1);
  assert_false(a->id_given);
  assert_string_equal(a->clip_source, "clips/a.mp4");
  assert_string_equal(a->clip_path, here("clips/a.mp4"));
  assert_string_equal(a->output, here("out/a-Maya.mp4"));
  assert_string_equal(a->voice, "Maya");
  assert_string_equal(a->account, "one@example.com");
  assert_string_equal(a->reference, "r");
  assert_string_equal(a->reply_url, "https://example.com/done");
  assert_int_equal(a->priority, 3);
  assert_int_equal(a->explore, EXPLORE_AUTO);
  assert_null(a->asset);
  assert_int_equal(a->video_line, 11);
  assert_int_equal(a->video_column, 5);
  assert_int_equal(a->voice_line, 3);
  assert_string_equal(a->video_source_text, "  - clips/a.mp4");
  assert_string_equal(a->voice_source_text, "  voice: Maya");
}

static void an_entry_wins_over_the_defaults(void **state) {
  (void)state;
  good(
      "defaults: {voice: Maya, output: a.mp4, priority: 1, explore: true}\n"
      "jobs:\n  - {video: clips/a.mp4, voice: Leo, output: b.mp4, priority: -2, explore: false}\n");
  assert_string_equal(batch.jobs[0].voice, "Leo");
  assert_string_equal(batch.jobs[0].output, here("b.mp4"));
  assert_int_equal(batch.jobs[0].priority, -2);
  assert_int_equal(batch.jobs[0].explore, EXPLORE_OFF);
}

static void without_a_name_the_key_is_the_canonical_path(void **state) {
  (void)state;
  assert_int_equal(symlink("batch.yaml", "link.yaml"), 0);
  good(DEFAULTS "jobs: [clips/a.mp4]\n");
  batch_release(&batch);
  assert_int_equal(batch_load("./link.yaml", NULL, &batch, diags), 0);
  assert_false(batch.named);
  assert_string_equal(batch.key, here("batch.yaml"));
}

static void every_clip_meets_every_voice_in_order(void **state) {
  (void)state;
  good("jobs:\n  - video: [clips/b.mp4, clips/a.mp4]\n    voice: [Leo, Ivy]\n");
  assert_int_equal(batch.job_count, 4);
  static const char *const ids[] = {"clips.b-Leo", "clips.b-Ivy", "clips.a-Leo", "clips.a-Ivy"};
  for (int i = 0; i < 4; i++) {
    assert_string_equal(batch.jobs[i].id, ids[i]);
    assert_int_equal(batch.jobs[i].number, i + 1);
  }
}

static void an_id_is_a_prefix_where_the_entry_has_several_jobs(void **state) {
  (void)state;
  good("jobs:\n  - {video: clips/a.mp4, voice: Leo, id: one}\n"
       "  - {video: clips/a.mp4, voice: [Ivy, Mo], id: v}\n"
       "  - {video: [clips/a.mp4, clips/b.mp4], voice: Zed, id: c}\n"
       "  - {video: [clips/a.mp4, clips/b.mp4], voice: [X, Y], id: cv}\n"
       "  - {video: clips/*.mov, voice: Q, id: glob}\n"
       "  - {video: [clips/c.mov], voice: [W], id: single}\n");
  static const char *const ids[] = {"one",          "v-Ivy",        "v-Mo",         "c-clips.a-Zed",
                                    "cv-clips.a-X", "cv-clips.b-Y", "glob-clips.c", "single"};
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
    if (i != 3) assert_true(job(ids[i])->id_given);
  assert_string_equal(batch.jobs[3].id, "c-clips.a");
}

static void globs_sort_bytewise_and_take_only_files(void **state) {
  (void)state;
  file_directory("g");
  file_directory("g/dir.mp4");
  file_write("g/b.mp4", "");
  file_write("g/B.mp4", "");
  file_write("g/a2.mp4", "");
  file_write("g/a10.mp4", "");
  file_write("g/.hidden.mp4", "");
  good(DEFAULTS "jobs: [\"./g//*.mp4\"]\n");
  static const char *const sources[] = {"g/B.mp4", "g/a10.mp4", "g/a2.mp4", "g/b.mp4"};
  assert_int_equal(batch.job_count, 4);
  for (int i = 0; i < 4; i++)
    assert_string_equal(batch.jobs[i].clip_source, sources[i]);
}

static bool is_known(void *context, const char *path) {
  (void)context;
  return strcmp(path, here("clips/a.mp4")) == 0;
}

static void results_that_the_state_knows_never_match(void **state) {
  (void)state;
  file_write("clips/a.mp4.part", "");
  file_write("clips/a.new.mp4", "");
  options.is_known_output = is_known;
  good(DEFAULTS "jobs: [\"clips/*\"]\n");
  assert_int_equal(batch.job_count, 2);
  assert_string_equal(batch.jobs[0].clip_source, "clips/b.mp4");
  assert_string_equal(batch.jobs[1].clip_source, "clips/c.mov");
  bad(DEFAULTS "jobs: [\"clips/a.mp*\"]\n", "matches only directories, or results");
  good(DEFAULTS "jobs: [clips/a.mp4]\n"); /* by name it is meant */
}

static void a_name_with_wildcards_that_is_there_is_no_glob(void **state) {
  (void)state;
  file_write("clips/take [1].mp4", "");
  file_write("clips/take 1.mp4", "");
  good(DEFAULTS "jobs: [\"clips/take [1].mp4\"]\n");
  assert_int_equal(batch.job_count, 1);
  assert_string_equal(batch.jobs[0].clip_source, "clips/take [1].mp4");
}

static void wildcards_in_the_batch_s_directory_are_plain(void **state) {
  (void)state;
  file_directory("x[y]*");
  file_write("x[y]*/q.mp4", "");
  file_write("x[y]*/batch.yaml", DEFAULTS "jobs: [\"*.mp4\", \"../clips/*.mov\"]\n");
  assert_int_equal(batch_load("x[y]*/batch.yaml", NULL, &batch, diags), 0);
  assert_int_equal(batch.job_count, 2);
  assert_string_equal(batch.jobs[0].clip_path, here("x[y]*/q.mp4"));
  assert_string_equal(batch.jobs[1].clip_source, "../clips/c.mov");
  assert_string_equal(batch.jobs[1].clip_path, here("clips/c.mov"));
}

static void one_clip_has_one_name_however_it_is_written(void **state) {
  (void)state;
  char text[512];
  snprintf(text, sizeof text,
           "jobs:\n  - {video: ./clips//a.mp4, voice: A}\n  - {video: %s, voice: B}\n"
           "  - {video: ../%s/clips/a.mp4, voice: C}\n",
           here("clips/a.mp4"), strrchr(files_directory, '/') + 1);
  good(text);
  for (int i = 0; i < 3; i++)
    assert_string_equal(batch.jobs[i].clip_source, "clips/a.mp4");
}

static void an_asset_is_pinned_to_its_account(void **state) {
  (void)state;
  good("defaults: {account: two@example.com}\n"
       "jobs:\n  - asset: \"user:1-runwayml:one@example.com-asset:ab/c\"\n    voice: Leo\n");
  assert_string_equal(batch.jobs[0].account, "one@example.com");
  assert_string_equal(batch.jobs[0].asset, "user:1-runwayml:one@example.com-asset:ab/c");
  assert_string_equal(batch.jobs[0].clip_source, batch.jobs[0].asset);
  assert_null(batch.jobs[0].clip_path);
  assert_string_equal(batch.jobs[0].id, "ab.c-Leo");
  assert_string_equal(batch.jobs[0].output, here("out/ab_c-Leo.mp4"));
}

static void numbers_and_names_of_all_scripts_are_text(void **state) {
  (void)state;
  file_write("clips/Ü 中.mp4", "");
  good("batch: 2024\njobs:\n  - {video: clips/Ü 中.mp4, voice: 123, id: 7, reference: 1.5}\n");
  assert_string_equal(batch.key, "2024");
  assert_string_equal(batch.jobs[0].voice, "123");
  assert_string_equal(batch.jobs[0].id, "7");
  assert_string_equal(batch.jobs[0].output, here("out/Ü 中-123.mp4"));
}

/* ---- outputs ---- */

static void placeholders_are_filled_in_and_made_harmless(void **state) {
  (void)state;
  good("jobs:\n  - video: [clips/a.mp4, clips/b.mp4]\n    voice: \"x/y\\tz\"\n    id: p/q\n"
       "    output: \"{n}/{id}_{video}_{voice}_{account}.mp4\"\n");
  assert_string_equal(batch.jobs[0].output, here("1/p_q-clips.a_a_x_y_z_{account}.mp4"));
  assert_string_equal(batch.jobs[1].output, here("2/p_q-clips.b_b_x_y_z_{account}.mp4"));
}

static void a_value_brings_in_no_placeholder(void **state) {
  (void)state;
  good("jobs:\n  - {video: clips/a.mp4, voice: \"{account}\", output: \"{voice}.mp4\"}\n");
  assert_string_equal(batch.jobs[0].output, here("_account}.mp4"));
}

static void outputs_stay_in_the_batch_s_directory(void **state) {
  (void)state;
  bad("jobs:\n  - {video: clips/a.mp4, voice: V, output: ../x.mp4}\n",
      "batch.yaml:2:44: output: `../x.mp4` is outside of the batch's directory");
  bad("jobs:\n  - {video: clips/a.mp4, voice: V, output: a/../../x.mp4}\n", "is outside of");
  bad("jobs:\n  - {video: clips/a.mp4, voice: \"..\", output: \"{voice}/x.mp4\"}\n",
      "is outside of");
  bad("jobs:\n  - {video: clips/a.mp4, voice: V, output: /x.mp4}\n", "--allow-absolute-output");
  bad("jobs:\n  - {video: clips/a.mp4, voice: V, output: x/}\n", "is a directory");
  bad("jobs:\n  - {video: clips/a.mp4, voice: V, output: \"\"}\n", "is empty");
  bad("jobs:\n  - {video: clips/a.mp4, voice: V, output: x.part}\n", "ends in .part");
  good("jobs:\n  - {video: clips/a.mp4, voice: V, output: a/.././b//x.mp4}\n");
  assert_string_equal(batch.jobs[0].output, here("b/x.mp4"));
  options.allow_absolute_output = true;
  good("jobs:\n  - {video: clips/a.mp4, voice: V, output: /somewhere//x.mp4}\n");
  assert_string_equal(batch.jobs[0].output, "/somewhere/x.mp4");
}

static void a_name_too_long_for_a_file_is_told_before_it_is_paid_for(void **state) {
  (void)state;
  char text[600], voice[300];
  memset(voice, 'v', 299);
  voice[299] = '\0';
  snprintf(text, sizeof text, "jobs:\n  - {video: clips/a.mp4, voice: %s}\n", voice);
  bad(text, "is too long for a file's name");
}

static void outputs_that_meet_are_an_error(void **state) {
  (void)state;
  bad("jobs:\n  - {video: clips/a.mp4, voice: A, output: x.mp4}\n"
      "  - {video: clips/b.mp4, voice: A, output: ./y/../x.mp4}\n",
      "batch.yaml:3:44: output: `x.mp4` is also that of the job `clips.a-A` on line 2");
  bad("jobs:\n  - {video: clips/*.mp4, voice: A, output: \"{account}.mp4\"}\n", "is also that of");
  bad("jobs:\n  - {video: clips/a.mp4, voice: [A, B, C, D], output: \"{video}.mp4\"}\n",
      "(and 2 more like this here)");
}

static void outputs_over_a_clip_or_the_batch_are_an_error(void **state) {
  (void)state;
  bad("jobs:\n  - {video: clips/a.mp4, voice: A, output: clips/b.mp4}\n"
      "  - {video: clips/b.mp4, voice: A}\n",
      "batch.yaml:2:13: output: the job `clips.a-A` would overwrite the clip on line 3");
  bad("jobs:\n  - {video: clips/a.mp4, voice: A, output: batch.yaml}\n",
      "would overwrite the batch file");
}

static void unknown_placeholders_name_the_nearest(void **state) {
  (void)state;
  bad("jobs:\n  - {video: clips/a.mp4, voice: A, output: \"{vidio}.mp4\"}\n",
      "output: unknown placeholder {vidio}: did you mean {video}?");
  bad("jobs:\n  - {video: clips/a.mp4, voice: A, output: \"{{n}}.mp4\"}\n",
      "no way to write a brace");
  bad("jobs:\n  - {video: clips/a.mp4, voice: A, output: \"{n.mp4\"}\n", "a { without its }");
}

/* ---- who is who ---- */

static void the_same_clip_and_voice_twice_is_a_warning_and_done_once(void **state) {
  (void)state;
  warned(DEFAULTS "jobs:\n  - clips/a.mp4\n  - ./clips/a.mp4\n",
         "batch.yaml:4:5: warning: `clips/a.mp4` with the voice Maya is already on line 3");
  assert_int_equal(batch.job_count, 1);
  warned(DEFAULTS "jobs:\n  - {video: [clips/*.mp4, clips/a.mp4], id: p}\n", "it is done once");
  assert_int_equal(batch.job_count, 2);
}

static void with_ids_of_their_own_both_are_done(void **state) {
  (void)state;
  warned("jobs:\n  - {video: clips/a.mp4, voice: A, id: one, output: 1.mp4}\n"
         "  - {video: clips/a.mp4, voice: A, id: two, output: 2.mp4}\n",
         "it is done and paid for twice");
  assert_int_equal(batch.job_count, 2);
}

static void ids_that_come_twice_name_both_places(void **state) {
  (void)state;
  bad("jobs:\n  - {video: clips/a.mp4, voice: A, id: x}\n  - {video: clips/b.mp4, voice: B, id: "
      "x}\n",
      "batch.yaml:3:13: the id `x` is also that of the job on line 2, column 13");
  file_write("clips/a.mov", "");
  bad("jobs:\n  - {video: [clips/a.mp4, clips/a.mov], voice: A, output: \"{n}.mp4\"}\n",
      "the id `clips.a-A` is also that of the job on line 2, column 14");
}

/* ---- mistakes ---- */

static void missing_files_are_told(void **state) {
  (void)state;
  bad(DEFAULTS "jobs:\n  - clips/no.mp4\n", "batch.yaml:3:5: video: `clips/no.mp4`: no such file");
  bad(DEFAULTS "jobs:\n  - clips\n", "video: `clips`: is a directory");
  bad(DEFAULTS "jobs:\n  - clips/*.avi\n", "batch.yaml:3:5: video: `clips/*.avi` matches no file");
  bad(DEFAULTS "jobs:\n  - \"clips/*.{mp4,mov}\"\n", "{a,b} is not read");
  bad(DEFAULTS "jobs:\n  - \"**/*.mp4\"\n", "`**` is not read");
  bad(DEFAULTS "jobs:\n  - ~/no.mp4\n", "`~` is not expanded");
}

static bool needs_only_b(void *context, const struct batch *loaded, const struct batch_job *one) {
  (void)context;
  assert_true(one >= loaded->jobs && one < loaded->jobs + loaded->job_count);
  return strcmp(one->voice, "B") == 0;
}

static void a_missing_clip_that_no_job_needs_is_no_mistake(void **state) {
  (void)state;
  options.is_clip_needed = needs_only_b;
  good("jobs:\n  - {video: clips/gone.mp4, voice: A}\n  - clips/gone.mp4\n" DEFAULTS);
  bad("jobs:\n  - {video: clips/gone.mp4, voice: [A, B]}\n", "no such file");
}

static void globs_with_names_that_are_not_utf8_are_refused(void **state) {
  (void)state;
  file_write("clips/\xff.mp4", "");
  bad(DEFAULTS "jobs:\n  - clips/*.mp4\n", "whose name is not UTF-8");
}

static void unknown_keys_and_wrong_types_are_all_told_at_once(void **state) {
  (void)state;
  bad("bach: x\n"
      "defaults:\n  voice: Maya\n  video: x\n"
      "jobs:\n"
      "  - video: clips/a.mp4\n    voise: Leo\n    priority: high\n    explore: yes\n"
      "    account: nobody\n    id: ''\n    reference: [x]\n"
      "  - [clips/a.mp4]\n"
      "  -\n"
      "  - voice: Leo\n"
      "  - {video: clips/a.mp4, asset: x}\n"
      "  - {asset: x}\n"
      "  - {video: [], voice: []}\n"
      "  - {video: clips/a.mp4, voice: ''}\n"
      "  - {video: clips/a.mp4, priority: 1001}\n",
      "batch.yaml:1:1: unknown key `bach`: did you mean `batch`?");
  char *told = diags_as_text(diags);
  static const char *const all[] = {
      "batch.yaml:4:3: `video` belongs to a job, not to `defaults`",
      "batch.yaml:7:5: unknown key `voise`: did you mean `voice`?",
      "batch.yaml:8:15: priority: expected a whole number from -1000 to 1000, found `high`",
      "batch.yaml:9:14: explore: expected true, false or auto, found `yes`: write true",
      "batch.yaml:10:14: account: `nobody` is no e-mail address",
      "batch.yaml:11:9: id: expected 1 to 200 characters",
      "batch.yaml:12:16: reference: expected text, found a list",
      "batch.yaml:13:5: a job is a clip, or keys",
      "batch.yaml:14:4: an empty job",
      "batch.yaml:15:5: a job needs `video`",
      "batch.yaml:16:33: a job has either `video` or `asset`, not both",
      "batch.yaml:17:13: asset: `x` is no asset id",
      "batch.yaml:18:13: video: the list is empty",
      "batch.yaml:18:24: voice: the list is empty",
      "batch.yaml:19:33: voice: expected a voice's id or name, found an empty text",
      "batch.yaml:20:36: priority: expected a whole number from -1000 to 1000, found `1001`"};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    assert_in(told, all[i]);
  free(told);
  assert_int_equal(diag_error_count(diags), sizeof all / sizeof all[0] + 1);
}

static void a_job_needs_a_voice(void **state) {
  (void)state;
  bad("jobs:\n  - clips/a.mp4\n",
      "batch.yaml:2:5: no voice: write `voice:` here or under `defaults:`");
}

static void an_asset_on_another_account_is_an_error(void **state) {
  (void)state;
  bad("jobs:\n  - {asset: \"user:1-runwayml:a@b.c-asset:x\", voice: V, account: d@e.f}\n",
      "belongs to the account a@b.c, but `account:` says d@e.f");
}

static void a_batch_without_jobs_says_what_to_write(void **state) {
  (void)state;
  bad("", "batch.yaml:1:1: the file is empty: write");
  bad("batch: x\n", "no jobs: write `jobs:`");
  bad("jobs:\n", "no jobs: write `jobs:`");
  bad("jobs: []\n", "no jobs: write `jobs:`");
  bad("jobs: clips/a.mp4\n", "jobs: expected a list");
  bad("- clips/a.mp4\n", "write `jobs:` above this list");
  bad("just words\n", "expected the keys");
}

static void names_of_batches_have_limits(void **state) {
  (void)state;
  char text[400], name[200];
  bad("batch: a/b\n" DEFAULTS "jobs: [clips/a.mp4]\n", "batch.yaml:1:8: batch: a name has");
  bad("batch: \"a\\tb\"\n" DEFAULTS "jobs: [clips/a.mp4]\n", "batch: a name has");
  bad("batch:\n" DEFAULTS "jobs: [clips/a.mp4]\n", "batch: expected text");
  memset(name, 'n', 129);
  name[129] = '\0';
  snprintf(text, sizeof text, "batch: %s\n" DEFAULTS "jobs: [clips/a.mp4]\n", name);
  bad(text, "batch: a name has");
  name[128] = '\0';
  snprintf(text, sizeof text, "batch: %s\n" DEFAULTS "jobs: [clips/a.mp4]\n", name);
  good(text);
}

static void references_have_a_limit(void **state) {
  (void)state;
  char text[700], reference[514];
  memset(reference, 'r', 513);
  reference[513] = '\0';
  snprintf(text, sizeof text, DEFAULTS "jobs: [{video: clips/a.mp4, reference: %s}]\n", reference);
  bad(text, "reference: more than 512 characters");
  reference[512] = '\0';
  snprintf(text, sizeof text, DEFAULTS "jobs: [{video: clips/a.mp4, reference: %s}]\n", reference);
  good(text);
}

static void a_reply_url_is_an_address_of_the_web(void **state) {
  (void)state;
  static const char *const wrong[] = {"example.com/done", "ftp://example.com", "'https://'",
                                      "'https://example.com/a b'", "http:///x"};
  char text[1300];
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    snprintf(text, sizeof text, DEFAULTS "jobs: [{video: clips/a.mp4, reply_url: %s}]\n", wrong[i]);
    bad(text, "reply_url: expected an address that begins with http:// or https://");
  }
  snprintf(text, sizeof text, DEFAULTS "jobs: [{video: clips/a.mp4, reply_url: http://%01018d}]\n",
           1);
  bad(text, "reply_url: expected an address");
  snprintf(text, sizeof text, DEFAULTS "jobs: [{video: clips/a.mp4, reply_url: http://%01017d}]\n",
           1);
  good(text);
}

static void a_key_that_comes_twice_is_told_with_the_rest(void **state) {
  (void)state;
  bad("jobs:\n  - video: clips/no.mp4\n    voice: A\n    voice: B\n",
      "the key `voice` comes twice");
  assert_int_equal(diag_error_count(diags), 2);
}

static void a_file_that_cannot_be_read_is_told(void **state) {
  (void)state;
  assert_int_equal(batch_load("no.yaml", NULL, &batch, diags), ERR_IO);
  assert_int_equal(batch_load("clips", NULL, &batch, diags), ERR_IO);
  char *told = diags_as_text(diags);
  assert_in(told, "no.yaml: cannot be read: No such file or directory");
  assert_in(told, "clips: cannot be read: Is a directory");
  free(told);
}

static void more_jobs_than_the_limit_are_refused(void **state) {
  (void)state;
  options.jobs_max = 3;
  good("jobs:\n  - {video: clips/a.mp4, voice: [A, B, C]}\n");
  bad("jobs:\n  - {video: clips/a.mp4, voice: [A, B, C, D, E, F]}\n",
      "batch.yaml:2:3: more than 3 jobs in one batch");
}

static void more_globs_than_the_limit_are_refused_once(void **state) {
  (void)state;
  FILE *file = fopen("globs.yaml", "w");
  assert_non_null(file);
  fputs("defaults: {voice: A}\njobs:\n", file);
  for (int i = 0; i < 10050; i++)
    fputs("  - clips/*\n", file);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(batch_load("globs.yaml", NULL, &batch, diags), ERR_USAGE);
  assert_int_equal(diag_error_count(diags), 1);
  char *told = diags_as_text(diags);
  assert_in(told, "globs.yaml:10003:5: video: more than 10000 globs in one batch");
  free(told);
}

/* A quadratic loop anywhere would take minutes. */
static void a_hundred_thousand_jobs_are_read_quickly(void **state) {
  (void)state;
  FILE *file = fopen("many.yaml", "w");
  assert_non_null(file);
  fputs("defaults: {voice: [A, B], output: \"{n}/{id}.mp4\"}\njobs:\n", file);
  for (int i = 0; i < 50000; i++)
    fprintf(file, "  - {video: clips/a.mp4, voice: [v%d, w%d], id: e%d}\n", i, i, i);
  assert_int_equal(fclose(file), 0);
  clock_t start = clock();
  assert_int_equal(batch_load("many.yaml", NULL, &batch, diags), 0);
  assert_int_equal(batch.job_count, 100000);
  assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20.0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(what_could_be_made_out_stays_to_find_further_mistakes),
      TEST(the_short_form_takes_everything_from_the_defaults),
      TEST(an_entry_wins_over_the_defaults),
      TEST(without_a_name_the_key_is_the_canonical_path),
      TEST(every_clip_meets_every_voice_in_order),
      TEST(an_id_is_a_prefix_where_the_entry_has_several_jobs),
      TEST(globs_sort_bytewise_and_take_only_files),
      TEST(results_that_the_state_knows_never_match),
      TEST(a_name_with_wildcards_that_is_there_is_no_glob),
      TEST(wildcards_in_the_batch_s_directory_are_plain),
      TEST(one_clip_has_one_name_however_it_is_written),
      TEST(an_asset_is_pinned_to_its_account),
      TEST(numbers_and_names_of_all_scripts_are_text),
      TEST(placeholders_are_filled_in_and_made_harmless),
      TEST(a_value_brings_in_no_placeholder),
      TEST(outputs_stay_in_the_batch_s_directory),
      TEST(a_name_too_long_for_a_file_is_told_before_it_is_paid_for),
      TEST(outputs_that_meet_are_an_error),
      TEST(outputs_over_a_clip_or_the_batch_are_an_error),
      TEST(unknown_placeholders_name_the_nearest),
      TEST(the_same_clip_and_voice_twice_is_a_warning_and_done_once),
      TEST(with_ids_of_their_own_both_are_done),
      TEST(ids_that_come_twice_name_both_places),
      TEST(missing_files_are_told),
      TEST(a_missing_clip_that_no_job_needs_is_no_mistake),
      TEST(globs_with_names_that_are_not_utf8_are_refused),
      TEST(unknown_keys_and_wrong_types_are_all_told_at_once),
      TEST(a_job_needs_a_voice),
      TEST(an_asset_on_another_account_is_an_error),
      TEST(a_batch_without_jobs_says_what_to_write),
      TEST(names_of_batches_have_limits),
      TEST(references_have_a_limit),
      TEST(a_reply_url_is_an_address_of_the_web),
      TEST(a_key_that_comes_twice_is_told_with_the_rest),
      TEST(a_file_that_cannot_be_read_is_told),
      TEST(a_hundred_thousand_jobs_are_read_quickly),
      TEST(more_jobs_than_the_limit_are_refused),
      TEST(more_globs_than_the_limit_are_refused_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
