#include "guard.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

#include "pgwraith/config/control.h"

namespace pgwraith::web {

namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest digest_of(std::string_view text) {
    Digest digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return digest;
}

bool equal_without_case(std::string_view one, std::string_view other) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(one, other, {}, lower, lower);
}

// Of "Bearer TOKEN"; the scheme's case does not count.
std::string_view bearer_of(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size()) return {};
    if (!equal_without_case(authorization.substr(0, scheme.size()), scheme)) return {};
    authorization.remove_prefix(scheme.size());
    const auto begin = authorization.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view() : authorization.substr(begin);
}

// "[::1]:80" -> "[::1]", "localhost:80" -> "localhost"
std::string_view without_port(std::string_view host) {
    const auto last = host.find_last_not_of("0123456789");
    return last != std::string_view::npos && host[last] == ':' ? host.substr(0, last) : host;
}

// "https://name:8443" -> "name:8443"; "null" and whatever is no origin -> ""
std::string_view authority_of(std::string_view origin) {
    const auto begin = origin.find("://");
    return begin == std::string_view::npos ? std::string_view() : origin.substr(begin + 3);
}

// A name can be made to lead to the loopback by whoever owns it (DNS rebinding); an address cannot.
bool is_address_or_localhost(std::string_view host) {
    const std::string name(without_port(host));
    return equal_without_case(name, "localhost") || config::parse_address(name + ":1").has_value();
}

// Whether a browser says that another site's page asks.
bool from_elsewhere(const Asked& asked) {
    // "none": typed in, or a bookmark. "same-site" is another port of the same host, or a neighbour's name.
    if (!asked.fetch_site.empty()) return asked.fetch_site != "same-origin" && asked.fetch_site != "none";
    if (asked.origin.empty()) return false;  // no browser, or a plain GET of an old one, whose answer no page can read
    return !equal_without_case(authority_of(asked.origin), asked.host);
}

}  // namespace

bool same_secret(std::string_view given, std::string_view expected) {
    // Digests have one length: how long the secret is does not show either.
    const Digest one = digest_of(given), other = digest_of(expected);
    return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::optional<control::Reply> Guard::refusal(const Asked& asked, bool needs_no_token) const {
    using control::error_reply;
    if (!needs_no_token && from_elsewhere(asked)) {
        return error_reply(403, "a page of another site asks: that is not allowed",
                           "behind a proxy: it must pass the Host header on as it comes");
    }
    if (token_.empty()) {
        if (asked.host.empty() || is_address_or_localhost(asked.host)) return std::nullopt;
        return error_reply(403, fmt::format("this is not {}", asked.host),
                           "without control.token only localhost and plain addresses are answered");
    }
    if (needs_no_token) return std::nullopt;
    const auto given = bearer_of(asked.authorization);
    if (same_secret(given, token_)) return std::nullopt;
    return error_reply(401, given.empty() ? "a token is needed" : "the token is not the right one",
                       "send the header Authorization: Bearer TOKEN, with the token of control.token");
}

}  // namespace pgwraith::web
