#include "pgwraith/catalog/storage.h"

namespace pgwraith::catalog {

const char* storage_name(char storage) {
    switch (storage) {
        case 'p':
            return "PLAIN";
        case 'm':
            return "MAIN";
        case 'e':
            return "EXTERNAL";
        default:
            return "EXTENDED";
    }
}

}  // namespace pgwraith::catalog
