/* The two dialects of the schema mean the same: every table, column, key, index and reference that
 * one has, the other has too, under one number. */
#include <sqlite3.h>

#include "store/postgres.h"
#include "support/postgres.h"
#include "unit/store/samples.h"

static struct postgres_server server;

/* One line for each column: table, name, kind, whether NULL is taken, default. Then unique sets of
 * columns (part: not for all rows), indices and references. */
static const char sqlite_columns[] =
    "SELECT m.name || '.' || c.name || ' ' || CASE c.type WHEN 'INTEGER' THEN 'number' WHEN 'TEXT'"
    " THEN 'text' ELSE c.type END || ' ' || CASE WHEN c.\"notnull\" OR c.pk THEN 'needed' ELSE"
    " 'optional' END || ' ' || coalesce(c.dflt_value, '-') FROM sqlite_master m,"
    " pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    " ORDER BY m.name, c.name";
static const char postgres_columns[] =
    "SELECT c.relname || '.' || a.attname || ' ' || CASE format_type(a.atttypid, a.atttypmod) WHEN"
    " 'bigint' THEN 'number' ELSE format_type(a.atttypid, a.atttypmod) END || ' ' || CASE WHEN"
    " a.attnotnull THEN 'needed' ELSE 'optional' END || ' ' || "
    "coalesce(replace(pg_get_expr(d.adbin,"
    " d.adrelid), '''0''::bigint', '0'), '-') FROM pg_class c JOIN pg_attribute a ON a.attrelid ="
    " c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND"
    " d.adnum = a.attnum WHERE c.relnamespace = 'nightshift'::regnamespace AND c.relkind = 'r' AND"
    " c.relname <> 'writer' ORDER BY c.relname COLLATE \"C\", a.attname COLLATE \"C\"";
static const char sqlite_indices[] =
    "SELECT t || ' ' || u || ' ' || p || ' ' || group_concat(name, ',') AS line FROM (SELECT m.name"
    " AS t, CASE i.\"unique\" WHEN 1 THEN 'unique' ELSE 'index' END AS u, CASE i.partial WHEN 1 "
    "THEN"
    " 'part' ELSE 'all' END AS p, i.name AS i, c.name FROM sqlite_master m, "
    "pragma_index_list(m.name)"
    " i, pragma_index_info(i.name) c WHERE m.type = 'table' ORDER BY c.seqno) GROUP BY t, i"
    " UNION SELECT m.name || ' unique all ' || c.name FROM sqlite_master m,"
    " pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.pk = "
    "1"
    " AND (SELECT count(*) FROM pragma_table_info(m.name) WHERE pk > 0) = 1 ORDER BY line";
static const char postgres_indices[] =
    "SELECT t.relname || ' ' || CASE WHEN i.indisunique THEN 'unique' ELSE 'index' END || ' ' || "
    "CASE"
    " WHEN i.indpred IS NULL THEN 'all' ELSE 'part' END || ' ' || string_agg(a.attname, ',' ORDER "
    "BY"
    " k.n) AS line FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid CROSS JOIN LATERAL"
    " unnest(i.indkey::smallint[]) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid ="
    " t.oid AND a.attnum = k.attnum WHERE t.relnamespace = 'nightshift'::regnamespace AND t.relname"
    " <> 'writer' GROUP BY i.indexrelid, t.relname, i.indisunique, i.indpred ORDER BY 1";
static const char sqlite_references[] =
    "SELECT m.name || '.' || f.\"from\" || ' ' || f.\"table\" || '.' || f.\"to\" AS line FROM"
    " sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY line";
static const char postgres_references[] =
    "SELECT t.relname || '.' || a.attname || ' ' || r.relname || '.' || b.attname FROM "
    "pg_constraint"
    " f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid JOIN"
    " pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.conkey[1] JOIN pg_attribute b ON"
    " b.attrelid = r.oid AND b.attnum = f.confkey[1] WHERE f.contype = 'f' AND f.condeferrable AND"
    " f.condeferred AND t.relnamespace = 'nightshift'::regnamespace ORDER BY 1";

static void add_line(struct buffer *text, const char *line) {
  assert_true(buffer_printf(text, "%s\n", line));
}

static void ask_sqlite(const char *path, const char *sql, struct buffer *text) {
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
    fail_msg("%s", sqlite3_errmsg(db));
  while (sqlite3_step(statement) == SQLITE_ROW)
    add_line(text, (const char *)sqlite3_column_text(statement, 0));
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void ask_postgres(const char *sql, struct buffer *text) {
  PGconn *db = PQconnectdb(server.url);
  PGresult *result = PQexec(db, sql);
  if (PQresultStatus(result) != PGRES_TUPLES_OK) fail_msg("%s", PQerrorMessage(db));
  for (int i = 0; i < PQntuples(result); i++)
    add_line(text, PQgetvalue(result, i, 0));
  PQclear(result);
  PQfinish(db);
}

static void assert_same(const char *path, const char *sqlite, const char *postgres, size_t least) {
  struct buffer one, other;
  buffer_init(&one, 1 << 20);
  buffer_init(&other, 1 << 20);
  ask_sqlite(path, sqlite, &one);
  ask_postgres(postgres, &other);
  assert_true(one.length >= least); /* an empty answer would compare well */
  assert_string_equal(buffer_string(&one), buffer_string(&other));
  buffer_release(&one);
  buffer_release(&other);
}

static void both_dialects_make_the_same_tables(void **state) {
  char directory[64], path[96];
  struct store *store = NULL;
  struct error error = {0};
  (void)state;
  directory_make(directory);
  snprintf(path, sizeof path, "%s/state.db", directory);
  assert_int_equal(store_open(&store, path, STORE_WRITE, &error), 0);
  store_close(store);
  if (store_open(&store, server.url, STORE_WRITE, &error) != 0) fail_msg("%s", error.text);
  store_close(store);
  assert_same(path, sqlite_columns, postgres_columns, 4000);
  assert_same(path, sqlite_indices, postgres_indices, 300);
  assert_same(path, sqlite_references, postgres_references, 100);
  directory_remove(directory);
}

static void a_number_means_the_same_in_both(void **state) {
  (void)state;
  assert_int_equal(postgres_schema_current.version, schema_current.version);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_number_means_the_same_in_both),
      cmocka_unit_test(both_dialects_make_the_same_tables),
  };
  postgres_server_start(&server, TEST_SOURCE_DIR, TEST_BINARY_DIR, NULL);
  int failed = cmocka_run_group_tests_name("the dialects of the schema", tests, NULL, NULL);
  postgres_server_stop(&server);
  return failed == 0 ? 0 : 1;
}
