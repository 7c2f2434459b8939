#include <fmt/format.h>
#include <fmt/ranges.h>

#include "field.h"
#include "pgwraith/base/error.h"
#include "problems.h"

namespace pgwraith::config {

std::string apply_setting(Settings& settings, const std::string& key, const std::string& value) {
    std::vector<std::string> changeable;
    for (const Field& field : fields()) {
        if (field.changes != Changes::running) {
            continue;
        }
        changeable.push_back(field.key);
        if (field.key != key) {
            continue;
        }
        Settings changed = settings;  // so that a contradiction leaves things as they were
        if (const Complaint complaint = field.set(changed, "", value); !complaint.empty()) {
            throw Error(ErrorKind::usage, fmt::format("{}: {} (expected {})", key, complaint, field.expected),
                        "nothing was changed");
        }
        for (const Contradiction& contradiction : contradictions(changed)) {
            throw Error(ErrorKind::usage, fmt::format("{}: {}", key, contradiction.what),
                        "nothing was changed; change the other setting first");
        }
        settings = std::move(changed);
        return field.in_words(settings);
    }
    const std::string near = nearest(key, changeable);
    throw Error(ErrorKind::usage,
                fmt::format("{} cannot be changed while a migration runs (expected one of {})", shown(key),
                            fmt::join(changeable, ", ")),
                near.empty() ? "the other settings are read from the file when a run starts"
                             : fmt::format("did you mean {}?", near));
}

}  // namespace pgwraith::config
