// Hides secrets in connection strings, which libpq takes as a URI or as key=value pairs. What libpq would not
// understand may be a password that was not quoted as it must be: there, rather too much is hidden than too little.
#include <algorithm>
#include <charconv>

#include "pgwraith/config/settings.h"

namespace pgwraith::config {
namespace {

constexpr std::string_view hidden = "***";

bool is_secret(std::string_view keyword) {
    return keyword == "password" || keyword == "sslpassword" || keyword == "oauth_client_secret";
}

std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
            result += static_cast<char>(byte);
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

// True for "host", "host:5432", "[::1]:5432", and several of them with commas between.
bool are_hosts(std::string_view text) {
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find(',', start), text.size());
        const auto host = text.substr(start, end - start);
        const auto bracket = host.find(']');  // the colons before it are an IPv6 address's
        const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
        if (colon != std::string_view::npos &&
            host.find_first_not_of("0123456789", colon + 1) != std::string_view::npos) {
            return false;
        }
        start = end + 1;
    }
    return true;
}

// Where the user and password end: the `@`, or npos. `rest` begins after "://".
std::size_t credentials_end(std::string_view rest) {
    const auto slash = rest.find('/');
    const auto at = rest.find('@');
    if (at < slash) {
        // libpq takes the first `@`; a later one before the path is a password's that is not percent-encoded.
        return std::max(at, rest.substr(0, rest.find_first_of("/?", at)).rfind('@'));
    }
    // user:pass/word@host: for libpq a host and a port that is no number.
    return are_hosts(rest.substr(0, slash)) ? std::string_view::npos : rest.rfind('@');
}

std::string redact_uri(std::string_view uri) {
    const std::size_t start = uri.find("://") + 3;
    std::string result(uri.substr(0, start));
    std::string_view rest = uri.substr(start);
    if (const auto end = credentials_end(rest); end != std::string_view::npos) {
        const auto colon = rest.substr(0, end).find(':');
        result += colon == std::string_view::npos ? rest.substr(0, end)
                                                  : std::string(rest.substr(0, colon + 1)).append(hidden);
        rest.remove_prefix(end);
    }
    const auto question = rest.find('?');
    result += rest.substr(0, question);
    std::string_view query = question == std::string_view::npos ? "" : rest.substr(question);
    while (!query.empty()) {
        result += query.front();  // ? or &
        const auto end = std::min(query.find('&', 1), query.size());
        const auto parameter = query.substr(1, end - 1);
        const auto equals = parameter.find('=');
        if (equals != std::string_view::npos && is_secret(percent_decoded(parameter.substr(0, equals)))) {
            result.append(parameter.substr(0, equals + 1)).append(hidden);
        } else {
            result += parameter;
        }
        query.remove_prefix(end);
    }
    return result;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::size_t skip_spaces(std::string_view text, std::size_t position) {
    while (position < text.size() && is_space(text[position])) {
        ++position;
    }
    return position;
}

// Behind the value that begins at `position`: quoted or up to the next blank, a backslash guards any character.
std::size_t value_end(std::string_view text, std::size_t position) {
    const bool quoted = position < text.size() && text[position] == '\'';
    if (quoted) {
        ++position;
    }
    for (; position < text.size(); ++position) {
        if (text[position] == '\\' && position + 1 < text.size()) {
            ++position;
        } else if (quoted && text[position] == '\'') {
            return position + 1;
        } else if (!quoted && is_space(text[position])) {
            return position;
        }
    }
    return position;
}

std::string redact_pairs(std::string_view text) {
    std::string result;
    std::size_t position = 0;
    while (position < text.size()) {
        const std::size_t name_start = skip_spaces(text, position);
        const std::size_t name_end = std::min(text.find_first_of("= \t\n\v\f\r", name_start), text.size());
        const std::size_t equals = skip_spaces(text, name_end);
        result += text.substr(position, name_start - position);
        if (name_start == text.size()) {
            break;
        }
        if (equals == text.size() || text[equals] != '=') {
            return result.append(hidden);  // no pair: perhaps the rest of a password with a blank in it
        }
        const std::size_t value = skip_spaces(text, equals + 1);
        position = value_end(text, value);
        result += text.substr(name_start, value - name_start);
        result +=
            is_secret(text.substr(name_start, name_end - name_start)) ? hidden : text.substr(value, position - value);
    }
    return result;
}

}  // namespace

std::string redact_password(const std::string& conninfo) {
    if (conninfo.starts_with("postgresql://") || conninfo.starts_with("postgres://")) {
        return redact_uri(conninfo);
    }
    return redact_pairs(conninfo);
}

}  // namespace pgwraith::config
