#include "lines.h"

namespace pgwraith::hooks {

void Lines::add(std::string_view piece) {
    while (!piece.empty()) {
        const auto end = piece.find('\n');
        const auto part = piece.substr(0, end);
        const auto room = most_bytes - current_.size();
        cut_ = cut_ || part.size() > room;
        current_ += part.substr(0, room);
        if (end == std::string_view::npos) return;
        finish();
        piece.remove_prefix(end + 1);
    }
}

void Lines::end() {
    if (!current_.empty()) finish();
}

void Lines::finish() {
    if (!current_.empty() && current_.back() == '\r') current_.pop_back();
    if (cut_) current_ += " …";
    if (!current_.empty()) {
        last_ = current_;
        if (++lines_ <= most_lines) line_(current_);
    }
    current_.clear();
    cut_ = false;
}

}  // namespace pgwraith::hooks
