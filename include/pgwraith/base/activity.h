// What is done at a moment, for those who watch: in words, and whether it gets on.
#pragma once

#include <functional>
#include <string>

namespace pgwraith {

enum class Waits {
    no,
    server,      // to be connected, and where it carries on
    others,      // for what others hold or do; it goes on by itself when that is over
    called_off,  // an attempt at a lock has come to nothing, the next one comes after a pause
};

struct Activity {
    std::string text;  // "building orders_pkey"; empty: the phase says it all
    Waits waits = Waits::no;

    bool operator==(const Activity&) const = default;
};

using Say = std::function<void(Activity)>;

}  // namespace pgwraith
