#include "pgwraith/config/reread.h"

#include <fmt/format.h>

#include "field.h"
#include "pgwraith/base/error.h"

namespace pgwraith::config {

Reread take_changes(Settings& running, Settings file) {
    Reread result;
    Settings changed = running;
    for (const Field& field : fields()) {
        if (field.same(running, file)) continue;
        if (field.changes != Changes::running) {
            result.not_changed.push_back(field.key);
            continue;
        }
        result.changed.push_back(fmt::format("{}: {} -> {}", field.key, field.in_words(running), field.in_words(file)));
        field.take(changed, file);
    }
    for (const Contradiction& contradiction : contradictions(changed)) {
        throw Error(ErrorKind::usage, contradiction.what, "nothing was changed");
    }
    running = std::move(changed);
    return result;
}

}  // namespace pgwraith::config
