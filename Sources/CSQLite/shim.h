// sqlite3_config is variadic, which Swift cannot call.
#ifndef POSTROOM_CSQLITE_SHIM_H
#define POSTROOM_CSQLITE_SHIM_H

#include <sqlite3.h>

// SQLite counts its memory under a lock of the whole process, sixty times a message sent: Debian builds it without the
// small store of each connection that spares the counting. Nobody reads the count. To be called before any connection
// is opened; afterwards it does nothing.
static inline void csqlite_count_no_memory(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

#endif
