/* Accounts, voices, features and assets out of JSON, in every form that is known or likely. */
#include <string.h>

#include "nightshift/account.h"
#include "util/arena.h"
#include "wire/decode.h"
#include "wire/json.h"
#include "wire/words.h"

#define LENGTH_MOST_S 1e6
#define AMOUNT_MOST   1e15
#define GB            1e9

const struct cJSON *decode_array(const struct cJSON *value, const char *const *names) {
  if (json_is_array(value)) return value;
  for (; *names != NULL; names++) {
    const struct cJSON *member = json_member(value, *names);
    if (json_is_array(member)) return member;
  }
  return NULL;
}

size_t decode_count(const struct cJSON *value) {
  size_t count = 0;
  for (const struct cJSON *item = json_first(value); item != NULL; item = json_next(item))
    count++;
  return count;
}

static int max_jobs_of(const struct cJSON *value) {
  int64_t number;
  if (!json_read_integer(value, MAX_JOBS_LOWEST, 1000000, &number)) return 0;
  return number > MAX_JOBS_HIGHEST ? MAX_JOBS_HIGHEST : (int)number;
}

/* `email` and `maxJobs` alone leave this function; passwords and tokens stay behind. */
static bool read_account(const struct reading *reading, const struct cJSON *object) {
  struct answer *answer = reading->answer;
  const char *email = json_read_id(reading->arena, json_member(object, "email"));
  const char *key = json_name(object);
  if (email == NULL && key != NULL && strchr(key, '@') != NULL)
    email = json_keep_id(reading->arena, key);
  if (!json_is_object(object) || email == NULL) return false;
  answer->accounts[answer->account_count++] = (struct account_view){
      .email = email, .max_jobs = max_jobs_of(json_member(object, "maxJobs"))};
  return true;
}

bool decode_accounts(const struct reading *reading) {
  struct answer *answer = reading->answer;
  const struct cJSON *all = json_member(reading->root, "accounts");
  if (all == NULL) all = reading->root;
  if (!json_is_object(all) && !json_is_array(all)) return false;
  answer->accounts = ARENA_NEW_ARRAY(reading->arena, decode_count(all) + 1, struct account_view);
  if (json_member(all, "email") != NULL) return answer->whole = read_account(reading, all);
  answer->whole = true;
  for (const struct cJSON *item = json_first(all); item != NULL; item = json_next(item))
    if (!read_account(reading, item)) answer->whole = false;
  return answer->account_count > 0 || answer->whole;
}

bool decode_voices(const struct reading *reading) {
  static const char *const names[] = {"voices", "data", NULL};
  struct answer *answer = reading->answer;
  const struct cJSON *array = decode_array(reading->root, names);
  if (array == NULL) return false;
  answer->voices = ARENA_NEW_ARRAY(reading->arena, decode_count(array), struct voice_view);
  answer->whole = true;
  for (const struct cJSON *item = json_first(array); item != NULL; item = json_next(item)) {
    /* Both may be there: `voiceId` is what the submission calls it. */
    const char *id = json_read_id(reading->arena, json_member(item, "voiceId"));
    if (id == NULL) id = json_read_id(reading->arena, json_member(item, "id"));
    if (id == NULL) {
      answer->whole = false;
      continue;
    }
    const char *name = json_read_text(reading->arena, json_member(item, "name"), DECODE_TEXT_MAX);
    answer->voices[answer->voice_count++] = (struct voice_view){.id = id, .name = name};
  }
  return true;
}

static int64_t amount(double value, double scale) {
  value *= scale;
  return value <= 0 ? 0 : value > AMOUNT_MOST ? (int64_t)AMOUNT_MOST : (int64_t)value;
}

/* -1: not said. */
static int64_t read_amount(const struct cJSON *object, const char *name, double scale) {
  double value;
  return json_read_number(json_member(object, name), &value) ? amount(value, scale) : -1;
}

bool decode_features(const struct reading *reading) {
  struct answer *answer = reading->answer;
  double permitted, used;
  if (!json_is_object(reading->root)) return false;
  const struct cJSON *from = json_member(reading->root, "features");
  if (!json_is_object(from)) from = reading->root;
  const struct cJSON *in = json_member(from, "permitted"), *out = json_member(from, "used");
  answer->whole = true;
  answer->credits_permitted = read_amount(in, "numPlanCredits", 1);
  answer->storage_bytes = read_amount(in, "storageGB", GB);
  answer->storage_used_bytes = read_amount(out, "storageGB", GB);
  if (json_read_number(json_member(in, "numPlanCredits"), &permitted) &&
      json_read_number(json_member(out, "numPlanCredits"), &used))
    answer->credits = amount(permitted - used, 1);
  return true;
}

/* In seconds: at the top, or in what Runway keeps of the file. */
static duration_ms read_length(const struct cJSON *object) {
  double seconds;
  const struct cJSON *length = json_member(object, "duration");
  if (length == NULL) length = json_member(json_member(object, "metadata"), "duration");
  bool sane = json_read_number(length, &seconds) && seconds > 0 && seconds < LENGTH_MOST_S;
  return sane ? (duration_ms)(seconds * 1000 + 0.5) : 0;
}

static bool read_asset(const struct reading *reading, const struct cJSON *object) {
  struct answer *answer = reading->answer;
  struct asset_view asset = {.size_bytes = -1};
  asset.asset_id = json_read_id(reading->arena, json_member(object, "assetId"));
  if (asset.asset_id == NULL) return false;
  asset.name = json_read_text(reading->arena, json_member(object, "name"), DECODE_TEXT_MAX);
  (void)json_read_integer(json_member(object, "size"), 0, INT64_MAX, &asset.size_bytes);
  asset.length_ms = read_length(object);
  answer->assets[answer->asset_count++] = asset;
  return true;
}

bool decode_list_assets(const struct reading *reading) {
  static const char *const names[] = {"assets", "data", NULL};
  struct answer *answer = reading->answer;
  const struct cJSON *array = decode_array(reading->root, names);
  if (array == NULL) return false;
  size_t items = decode_count(array);
  answer->assets = ARENA_NEW_ARRAY(reading->arena, items, struct asset_view);
  answer->whole = reading->call->limit == 0 || items <= (size_t)reading->call->limit;
  for (const struct cJSON *item = json_first(array); item != NULL; item = json_next(item))
    if (!read_asset(reading, item)) answer->whole = false;
  return true;
}

bool decode_upload(const struct reading *reading) {
  const struct cJSON *asset = json_member(reading->root, "asset");
  reading->answer->assets = ARENA_NEW(reading->arena, struct asset_view);
  reading->answer->whole = read_asset(reading, json_is_object(asset) ? asset : reading->root);
  return reading->answer->whole;
}
