#include "pgwraith/base/real_names.h"

namespace pgwraith {

namespace {

bool continues_name(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string with_real_names(std::string text, const RealNames& names) {
    for (const auto& [ours, real] : names) {
        if (ours.empty()) continue;
        for (std::size_t at = text.find(ours); at != std::string::npos; at = text.find(ours, at)) {
            const auto end = at + ours.size();
            const bool whole =
                (at == 0 || !continues_name(text[at - 1])) && (end == text.size() || !continues_name(text[end]));
            if (whole) text.replace(at, ours.size(), real);
            at += whole ? real.size() : ours.size();
        }
    }
    return text;
}

}  // namespace pgwraith
