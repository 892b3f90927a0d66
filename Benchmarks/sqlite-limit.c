// sqlite-limit FILE N BATCH normal|full|off [SIZE=8192] [nofts] — how fast SQLite itself can store mail.
//
// Each mail is a mail row with a body of SIZE octets, a thread row (every third mail starts one, the others update
// one), a full-text row (subject and 1 KB of text) and an outbox row, BATCH mails in a transaction, WAL, prepared
// statements. FILE is made anew. Prints "RATE mails-per-second".
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *database;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void must(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  fprintf(stderr, "%s\n", sqlite3_errmsg(database));
  exit(1);
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  must(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
  return statement;
}

static void run(sqlite3_stmt *statement) {
  must(sqlite3_step(statement));
  must(sqlite3_reset(statement));
}

static void text(sqlite3_stmt *statement, int column, const char *value) {
  must(sqlite3_bind_text(statement, column, value, -1, SQLITE_STATIC));
}

static const char *schema =
    "CREATE TABLE thread(id INTEGER PRIMARY KEY, subject TEXT, customer TEXT, state INTEGER, mails INTEGER,"
    " last INTEGER);"
    "CREATE INDEX thread_customer ON thread(customer);"
    "CREATE INDEX thread_last ON thread(state, last);"
    "CREATE TABLE mail(id INTEGER PRIMARY KEY, thread INTEGER, msgid TEXT UNIQUE, parent TEXT, sender TEXT,"
    " subject TEXT, at INTEGER, class INTEGER, body BLOB);"
    "CREATE INDEX mail_thread ON mail(thread);"
    "CREATE TABLE outbox(id INTEGER PRIMARY KEY, mail INTEGER, recipient TEXT, template INTEGER, state INTEGER,"
    " due INTEGER);"
    "CREATE INDEX outbox_due ON outbox(state, due);"
    "CREATE VIRTUAL TABLE search USING fts5(subject, body, content='', tokenize='unicode61');";

static const char *words[] = {
    "order", "refund", "screen", "invoice", "parcel", "phone", "account", "login", "订单", "退款", "屏幕", "发票",
    "快递", "手机", "账户", "登录", "tracking", "warranty", "address", "password", "保修", "地址", "密码", "积分"};

static const char *word(void) { return words[rand() % 24]; }

int main(int count, char **arguments) {
  if (count < 5) {
    fprintf(stderr, "usage: sqlite-limit FILE N BATCH normal|full|off [SIZE=8192] [nofts]\n");
    return 2;
  }
  long mails = atol(arguments[2]), batch = atol(arguments[3]);
  size_t size = count > 5 ? (size_t)atol(arguments[5]) : 8192;
  int full_text = !(count > 6 && !strcmp(arguments[6], "nofts"));
  if (mails < 1 || batch < 1 || size < 256) return 2;

  char line[4096];
  for (int i = 0; i < 3; i++) {
    snprintf(line, sizeof line, "%s%s", arguments[1], (const char *[]){"", "-wal", "-shm"}[i]);
    remove(line);
  }
  must(sqlite3_open(arguments[1], &database));
  snprintf(line, sizeof line, "PRAGMA journal_mode=WAL; PRAGMA synchronous=%s; PRAGMA cache_size=-65536;",
           arguments[4]);
  must(sqlite3_exec(database, line, 0, 0, 0));
  must(sqlite3_exec(database, schema, 0, 0, 0));
  sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT"),
               *seen = prepare("SELECT id FROM mail WHERE msgid=?"),
               *new_thread = prepare("INSERT INTO thread(subject,customer,state,mails,last) VALUES(?,?,0,1,?)"),
               *touch_thread = prepare("UPDATE thread SET mails=mails+1,last=? WHERE id=?"),
               *new_mail = prepare("INSERT INTO mail(thread,msgid,parent,sender,subject,at,class,body)"
                                   " VALUES(?,?,?,?,?,?,?,?)"),
               *index_text = prepare("INSERT INTO search(rowid,subject,body) VALUES(?,?,?)"),
               *enqueue = prepare("INSERT INTO outbox(mail,recipient,template,state,due) VALUES(?,?,1,0,?)");

  char id[80], sender[80], subject[80], indexed[1400], *body = malloc(size);
  memset(body, 'x', size);
  srand(1);
  sqlite3_int64 thread = 0;
  double start = now();
  for (long i = 0; i < mails; i++) {
    if (i % batch == 0) run(begin);
    snprintf(id, sizeof id, "<%08x.%ld@mx.customer.test>", (unsigned)rand(), i);
    snprintf(sender, sizeof sender, "user%d@customer.test", rand() % 200000);
    snprintf(subject, sizeof subject, "%s %s #%ld", word(), word(), i);
    for (size_t length = 0; length < 1024;) length += (size_t)sprintf(indexed + length, "%s%d ", word(), rand() % 300);
    memcpy(body + (size_t)rand() % (size - 80), id, 40);

    text(seen, 1, id);
    run(seen);
    if (i % 3 == 0) {
      text(new_thread, 1, subject);
      text(new_thread, 2, sender);
      sqlite3_bind_int64(new_thread, 3, i);
      run(new_thread);
      thread = sqlite3_last_insert_rowid(database);
    } else {
      sqlite3_bind_int64(touch_thread, 1, i);
      sqlite3_bind_int64(touch_thread, 2, 1 + rand() % thread);
      run(touch_thread);
    }
    sqlite3_bind_int64(new_mail, 1, thread);
    text(new_mail, 2, id);
    text(new_mail, 3, sender);
    text(new_mail, 4, sender);
    text(new_mail, 5, subject);
    sqlite3_bind_int64(new_mail, 6, i);
    sqlite3_bind_int(new_mail, 7, (int)(i % 5));
    sqlite3_bind_blob(new_mail, 8, body, (int)size, SQLITE_STATIC);
    run(new_mail);
    sqlite3_int64 mail = sqlite3_last_insert_rowid(database);
    if (full_text) {
      sqlite3_bind_int64(index_text, 1, mail);
      text(index_text, 2, subject);
      text(index_text, 3, indexed);
      run(index_text);
    }
    sqlite3_bind_int64(enqueue, 1, mail);
    text(enqueue, 2, sender);
    sqlite3_bind_int64(enqueue, 3, i);
    run(enqueue);
    if (i % batch == batch - 1 || i == mails - 1) run(commit);
  }
  printf("RATE %.1f\n", (double)mails / (now() - start));
  return 0;
}
