#include "pgwraith/config/control.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

#include "field.h"

namespace pgwraith::config {

namespace {

bool is_v4(const std::string& host) {
    in_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_v6(const std::string& host) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

constexpr std::size_t token_min = 16;

}  // namespace

bool Address::loopback() const {
    in_addr v4{};
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
    in6_addr v6{};
    return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6) != 0;
}

std::string Address::text() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

std::optional<Address> parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string host(text.substr(0, colon));
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [stop, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failure != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
    if (host == "localhost") host = "127.0.0.1";
    if (is_v4(host)) return Address{host, port};
    if (host.size() < 2 || host.front() != '[' || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
    if (!is_v6(host)) return std::nullopt;
    return Address{host, port};
}

std::string in_words(const Address& value) { return in_words(value.empty() ? std::string() : value.text()); }

bool usable_token(std::string_view token) {
    return token.size() >= token_min && std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
}

Field address(std::string key, Changes changes, Place<Address> place) {
    auto set = [place](Settings& settings, const std::string&, const std::string& text) -> Complaint {
        const auto parsed = text.empty() ? Address() : parse_address(text);
        if (!parsed) return "is no IP address with a port";
        place(settings) = *parsed;
        return {};
    };
    return bound(Field{std::move(key), changes,
                       "an address and a port, such as 127.0.0.1:8080 or [::1]:8080, or nothing", std::move(set)},
                 place);
}

// What is wrong with it is said without it.
Field token(std::string key, Changes changes, Place<std::string> place) {
    auto set = [place](Settings& settings, const std::string&, const std::string& text) -> Complaint {
        if (!text.empty() && !usable_token(text)) return "is too short, or has a blank or an odd character in it";
        place(settings) = text;
        return {};
    };
    Field field = bound(
        Field{std::move(key), changes, "16 printable ASCII characters or more, no blanks, or nothing", std::move(set)},
        place);
    field.in_words = [place](Settings& settings) {
        return in_words(std::string(place(settings).empty() ? "" : "a secret"));
    };
    return field;
}

std::vector<Contradiction> control_contradictions(const Settings& settings) {
    const Control& control = settings.control;
    std::vector<Contradiction> found;
    const bool certificate = !control.tls_certificate.empty(), key = !control.tls_key.empty();
    if (certificate != key) {
        found.push_back({{certificate ? "control.tls_certificate" : "control.tls_key"},
                         fmt::format("{} is set and {} is not (expected both or neither)",
                                     certificate ? "control.tls_certificate" : "control.tls_key",
                                     certificate ? "control.tls_key" : "control.tls_certificate")});
    }
    if (control.listen.empty()) {
        if (control.page) {
            found.push_back({{"control.page"},
                             "control.page is true, but nothing listens for a browser (expected control.listen, for "
                             "example 127.0.0.1:8080)"});
        }
        return found;
    }
    if (control.listen.loopback()) return found;
    if (control.token.empty()) {
        found.push_back({{"control.listen"},
                         fmt::format("control.listen {} can be reached from other hosts, and control.token is not set "
                                     "(expected a token, for example \"${{PGWRAITH_TOKEN}}\", or a loopback address)",
                                     control.listen.text())});
    }
    if (!certificate && !control.allow_without_tls) {
        found.push_back({{"control.listen"},
                         fmt::format("control.listen {} can be reached from other hosts, and the token would cross the "
                                     "network in the clear (expected control.tls_certificate and control.tls_key, a "
                                     "loopback address, or control.without_tls: allow)",
                                     control.listen.text())});
    }
    return found;
}

}  // namespace pgwraith::config
