// What pg_attribute.attstorage says, as ALTER COLUMN … SET STORAGE takes it.
#pragma once

namespace pgwraith::catalog {

const char* storage_name(char storage);  // 'm': "MAIN"

}  // namespace pgwraith::catalog
