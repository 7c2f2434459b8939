// How the database is tuned: for a bounded memory, and for keys that come, wait a while, and go again.
#pragma once

#include <rocksdb/db.h>

#include <string>
#include <vector>

namespace pgwraith::store {

rocksdb::DBOptions database_options(bool create);
// Of the default column family, "journal" and "ledger".
std::vector<rocksdb::ColumnFamilyDescriptor> column_families();

}  // namespace pgwraith::store
