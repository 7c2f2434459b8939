// Where the process listens beside its Unix socket, and who may ask it what there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pgwraith::config {

// An IP address and a port.
struct Address {
    std::string host;  // without brackets; empty: none
    std::uint16_t port = 0;

    bool empty() const { return host.empty(); }
    bool loopback() const;
    std::string text() const;  // "127.0.0.1:8080", "[::1]:8080"
    bool operator==(const Address&) const = default;
};

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (which is 127.0.0.1). nullopt: it is none.
std::optional<Address> parse_address(std::string_view text);

// What a bearer token may consist of: 16 characters at least, no blanks.
bool usable_token(std::string_view token);

struct Control {
    Address listen;
    std::string token;  // empty: none is asked for
    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;
    bool allow_without_tls = false;  // beyond the loopback
    bool page = false;

    bool operator==(const Control&) const = default;
};

}  // namespace pgwraith::config
